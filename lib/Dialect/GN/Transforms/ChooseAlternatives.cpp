//===- ChooseAlternatives.cpp - The policy for dynamic sizes --------------===//
//
// Asks the policy for static sizes at the points of a grid, powers of two, and
// covers them by few bounds: the first alternative is the one within whose
// bounds all points have one schedule and which covers most of them, the next
// the one that covers most of those left, and so on. The bounds then move
// outwards to where the policy changes its mind. The last alternative takes
// what is left, by the schedule that most of it has.
//
//===----------------------------------------------------------------------===//

#include "CPUPolicy.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace gn;

namespace {

/// Loop nests in the generated code.
constexpr size_t kMostAlternatives = 5;
/// Sizes of x in bytes that are worth a schedule of their own: below, a call
/// costs next to nothing; above, all is as at the end.
constexpr int64_t kSmallest = 16 << 10, kLargest = int64_t(1) << 30;
constexpr int64_t kMostSamples = 256;

struct Bounds {
  static constexpr int64_t kNone = CPUAlternativeAttr::kUnbounded;
  int64_t minSamples = 0, positions = kNone, total = kNone;

  bool isBounded() const {
    return minSamples != 0 || positions != kNone || total != kNone;
  }
  bool hold(int64_t n, int64_t s) const {
    return n >= minSamples && s <= positions && n * s <= total;
  }
};

struct Point {
  int64_t samples, positions;
  Attribute schedule;
};

class Chooser {
public:
  Chooser(MLIRContext *context, const CPUProblem &problem,
          const CPUTarget &target, int64_t threads)
      : context(context), problem(problem), target(target), threads(threads) {}

  CPUScheduleChoice choose();

private:
  Point ask(int64_t samples, int64_t positions) const {
    CPUProblem asked = problem;
    asked.samples = samples;
    asked.positions = positions;
    return {samples, positions,
            gn::choose(context, asked, target, threads).schedule};
  }
  bool isOfInterest(int64_t samples, int64_t positions) const {
    int64_t size;
    return positions <= kLargest &&
           !llvm::MulOverflow(samples * positions,
                              problem.features * problem.elementSize, size) &&
           size >= kSmallest && size <= kLargest;
  }
  void makeGrid();
  /// The points within the bounds; none where they are of several schedules.
  size_t countCovered(const Bounds &bounds) const;
  Bounds findLargest() const;
  /// Whether the corners of the bounds, where no alternative has taken them
  /// yet, have the schedule `schedule`.
  bool isServedBy(const Bounds &bounds, Attribute schedule) const;
  void widen(Bounds &bounds, int64_t Bounds::*bound, Attribute schedule) const;

  MLIRContext *context;
  const CPUProblem &problem;
  const CPUTarget &target;
  int64_t threads;
  SmallVector<int64_t> samples, positions;
  /// The points that no alternative has taken yet, and what has been taken.
  SmallVector<Point> points;
  SmallVector<Bounds> taken;
};

} // namespace

void Chooser::makeGrid() {
  for (int64_t n = problem.samples; n <= kMostSamples; n *= 2) {
    samples.push_back(n);
    if (!problem.dynamicSamples)
      break;
  }
  if (samples.empty())
    samples.push_back(problem.samples);
  int64_t unit = std::max<int64_t>(1, problem.positions);
  int64_t perPosition = problem.features * problem.elementSize;
  for (int64_t s = unit; s * perPosition <= kLargest; s *= 2) {
    positions.push_back(s);
    if (!problem.dynamicPositions)
      break;
  }
  if (positions.empty())
    positions.push_back(unit);
  for (int64_t n : samples)
    for (int64_t s : positions)
      if (isOfInterest(n, s))
        points.push_back(ask(n, s));
  if (points.empty())
    points.push_back(ask(samples.back(), positions.back()));
}

size_t Chooser::countCovered(const Bounds &bounds) const {
  size_t count = 0;
  Attribute schedule;
  for (const Point &point : points) {
    if (!bounds.hold(point.samples, point.positions))
      continue;
    if (count++ != 0 && point.schedule != schedule)
      return 0;
    schedule = point.schedule;
  }
  return count;
}

Bounds Chooser::findLargest() const {
  Bounds largest;
  size_t most = 0;
  // One sample is special: there are no two to work on side by side.
  SmallVector<int64_t> samplesBounds = {0};
  if (problem.dynamicSamples)
    samplesBounds.push_back(2);
  SmallVector<int64_t> positionsBounds = {Bounds::kNone};
  llvm::append_range(positionsBounds, positions);
  SmallVector<int64_t> totals = {Bounds::kNone};
  for (int64_t total = samples.front() * positions.front();
       total <= samples.back() * positions.back(); total *= 2)
    totals.push_back(total);
  for (int64_t n : samplesBounds)
    for (int64_t s : positionsBounds)
      for (int64_t total : totals) {
        Bounds bounds{n, s, total};
        size_t count = countCovered(bounds);
        if (count > most) {
          most = count;
          largest = bounds;
        }
      }
  return largest;
}

bool Chooser::isServedBy(const Bounds &bounds, Attribute schedule) const {
  for (int64_t n : samples) {
    int64_t s = bounds.positions;
    if (bounds.total != Bounds::kNone)
      s = std::min(s, bounds.total / n);
    bool isTaken = llvm::any_of(
        taken, [&](const Bounds &earlier) { return earlier.hold(n, s); });
    if (n >= bounds.minSamples && isOfInterest(n, s) && !isTaken &&
        ask(n, s).schedule != schedule)
      return false;
  }
  return true;
}

/// Moves a bound, which is good while twice of it is not, as far as it goes.
void Chooser::widen(Bounds &bounds, int64_t Bounds::*bound,
                    Attribute schedule) const {
  int64_t good = bounds.*bound;
  if (good == Bounds::kNone)
    return;
  int64_t bad = 2 * good;
  while (bad - good > std::max<int64_t>(1, good / 64)) {
    int64_t middle = good + (bad - good) / 2;
    bounds.*bound = middle;
    (isServedBy(bounds, schedule) ? good : bad) = middle;
  }
  bounds.*bound = good;
}

CPUScheduleChoice Chooser::choose() {
  makeGrid();
  SmallVector<CPUAlternativeAttr> alternatives;
  auto add = [&](const Bounds &bounds, Attribute schedule) {
    alternatives.push_back(
        CPUAlternativeAttr::get(context, bounds.minSamples, bounds.positions,
                                bounds.total, cast<CPUScheduleAttr>(schedule)));
  };
  while (alternatives.size() + 1 < kMostAlternatives) {
    Bounds bounds = findLargest();
    // The rest is one schedule's.
    if (!bounds.isBounded() || countCovered(bounds) == points.size())
      break;
    Attribute schedule = llvm::find_if(points, [&](const Point &point) {
                           return bounds.hold(point.samples, point.positions);
                         })->schedule;
    widen(bounds, &Bounds::total, schedule);
    widen(bounds, &Bounds::positions, schedule);
    add(bounds, schedule);
    taken.push_back(bounds);
    llvm::erase_if(points, [&](const Point &point) {
      return bounds.hold(point.samples, point.positions);
    });
  }
  llvm::MapVector<Attribute, size_t> left;
  for (const Point &point : points)
    ++left[point.schedule];
  add({}, llvm::max_element(left, [](const auto &a, const auto &b) {
            return a.second < b.second;
          })->first);

  CPUScheduleChoice choice;
  if (alternatives.size() == 1)
    choice.schedule = alternatives.front().getSchedule();
  else
    choice.schedule = CPUAlternativesAttr::get(context, alternatives);
  choice.reasons.push_back(llvm::formatv(
      "{0} alternatives for the sizes at run time", alternatives.size()));
  return choice;
}

CPUScheduleChoice gn::chooseAlternatives(MLIRContext *context,
                                         const CPUProblem &problem,
                                         const CPUTarget &target,
                                         int64_t threads) {
  return Chooser(context, problem, target, threads).choose();
}
