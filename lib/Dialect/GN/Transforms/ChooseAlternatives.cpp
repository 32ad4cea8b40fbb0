//===- ChooseAlternatives.cpp - The policy for dynamic sizes --------------===//
//
// Asks the policy for static sizes at the points of a grid, powers of two and
// what lies midway between them, and covers them by few bounds: the first is
// the one within whose bounds all points get one answer and which covers most
// of them, the next the one that covers most of those left, and so on. The
// bounds then move outwards to where the policy changes its mind. The last
// bound takes what is left, by the answer that most of it gets.
//
// This is done twice. First for the fields of the schedule that decide the bits
// of the result, which no number of threads may change; the bounds that this
// gives do not depend on it either. Then within each of these regions for whole
// schedules, of which those go that are superfluous, and while there are too
// many, those that cost least to miss.
//
//===----------------------------------------------------------------------===//

#include "CPUPolicy.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace gn;

namespace {

/// Loop nests in the generated code: each takes as long to compile as a static
/// size.
constexpr size_t kMostSchedules = 8;
/// Sizes of x in bytes that are worth a schedule of their own: below, a call
/// costs next to nothing; above, all is as at the end.
constexpr int64_t kSmallest = 16 << 10, kLargest = int64_t(1) << 30;
constexpr int64_t kMostSamples = 256;

struct Bounds {
  static constexpr int64_t kNone = CPUAlternativeAttr::kUnbounded;
  int64_t minSamples = 0, positions = kNone, total = kNone;

  bool hold(int64_t n, int64_t s) const {
    return n >= minSamples && s <= positions && n * s <= total;
  }
  Bounds within(const Bounds &other) const {
    return {std::max(minSamples, other.minSamples),
            std::min(positions, other.positions), std::min(total, other.total)};
  }
};

struct Point {
  int64_t samples, positions;
};

/// Sizes and what the policy answers for them. Earlier ones go first.
struct SizeRegion {
  Bounds bounds;
  Attribute answer;
};

/// What the policy answers for a size.
using Ask = llvm::function_ref<Attribute(int64_t samples, int64_t positions)>;

class Chooser {
public:
  Chooser(MLIRContext *context, const CPUProblem &problem,
          const CPUTarget &target, int64_t threads)
      : context(context), problem(problem), target(target), threads(threads) {
    makeGrid();
  }

  CPUScheduleChoice choose();

private:
  CPUScheduleAttr ask(int64_t samples, int64_t positions,
                      int64_t threads) const {
    CPUProblem asked = problem;
    asked.samples = samples;
    asked.positions = positions;
    return cast<CPUScheduleAttr>(
        gn::choose(context, asked, target, threads).schedule);
  }
  bool isOfInterest(int64_t samples, int64_t positions) const {
    int64_t size;
    return positions <= kLargest &&
           !llvm::MulOverflow(samples * positions,
                              problem.features * problem.elementSize, size) &&
           size >= kSmallest && size <= kLargest;
  }
  void makeGrid();
  /// The regions of each kind of bits, and in each those of whole schedules.
  SmallVector<SmallVector<SizeRegion>> findRegions() const;
  double getCost(ArrayRef<SmallVector<SizeRegion>> regions, size_t kind,
                 size_t place) const;
  void prune(SmallVectorImpl<SmallVector<SizeRegion>> &regions, size_t most,
             size_t mostAnswers) const;

  MLIRContext *context;
  const CPUProblem &problem;
  const CPUTarget &target;
  int64_t threads;
  SmallVector<int64_t> samples, positions;
  SmallVector<Point> grid;
};

/// Covers sizes within bounds that no region has before.
class Cover {
public:
  Cover(ArrayRef<int64_t> samples, ArrayRef<int64_t> positions,
        ArrayRef<Point> points, const Bounds &whole,
        ArrayRef<SizeRegion> before, Ask ask)
      : samples(samples), positions(positions), whole(whole), before(before),
        ask(ask) {
    for (const Point &point : points)
      if (whole.hold(point.samples, point.positions) &&
          !isTaken(point.samples, point.positions))
        left.push_back({point, ask(point.samples, point.positions)});
  }

  SmallVector<SizeRegion> find();

private:
  bool isTaken(int64_t n, int64_t s) const {
    auto holds = [&](const SizeRegion &region) {
      return region.bounds.hold(n, s);
    };
    return llvm::any_of(before, holds) || llvm::any_of(found, holds);
  }
  /// The points within the bounds; none where they get several answers.
  size_t count(const Bounds &bounds) const;
  Bounds findLargest() const;
  bool isServedBy(const Bounds &bounds, Attribute answer) const;
  void widen(Bounds &bounds, int64_t Bounds::*bound, Attribute answer) const;

  ArrayRef<int64_t> samples, positions;
  Bounds whole;
  ArrayRef<SizeRegion> before;
  Ask ask;
  SmallVector<std::pair<Point, Attribute>> left;
  SmallVector<SizeRegion> found;
};

} // namespace

//===----------------------------------------------------------------------===//
// Few bounds for many sizes
//===----------------------------------------------------------------------===//

size_t Cover::count(const Bounds &bounds) const {
  size_t count = 0;
  Attribute answer;
  for (auto &[point, pointAnswer] : left) {
    if (!bounds.hold(point.samples, point.positions))
      continue;
    if (count++ != 0 && pointAnswer != answer)
      return 0;
    answer = pointAnswer;
  }
  return count;
}

Bounds Cover::findLargest() const {
  Bounds largest;
  size_t most = 0;
  // One sample is special: there are no two to work on side by side. Many keep
  // all threads busy, each with samples of its own.
  SmallVector<int64_t> samplesBounds = {0};
  if (samples.size() > 1)
    samplesBounds.append({2, 16});
  SmallVector<int64_t> positionsBounds = {Bounds::kNone};
  llvm::append_range(positionsBounds, positions);
  SmallVector<int64_t> totals = {Bounds::kNone};
  for (int64_t total = samples.front() * positions.front();
       total <= samples.back() * positions.back(); total *= 2)
    totals.append({total, total + total / 2});
  for (int64_t n : samplesBounds)
    for (int64_t s : positionsBounds)
      for (int64_t total : totals) {
        Bounds bounds = Bounds{n, s, total}.within(whole);
        size_t covered = count(bounds);
        if (covered > most) {
          most = covered;
          largest = bounds;
        }
      }
  return largest;
}

/// Whether the corners of the bounds, where no region has taken them yet, get
/// `answer`.
bool Cover::isServedBy(const Bounds &bounds, Attribute answer) const {
  for (int64_t n : samples) {
    int64_t s = bounds.positions;
    if (bounds.total != Bounds::kNone)
      s = std::min(s, bounds.total / n);
    if (n >= bounds.minSamples && s != Bounds::kNone && s > 0 &&
        !isTaken(n, s) && ask(n, s) != answer)
      return false;
  }
  return true;
}

/// Moves a bound, which is good while more than twice of it is not, as far as
/// it goes.
void Cover::widen(Bounds &bounds, int64_t Bounds::*bound,
                  Attribute answer) const {
  int64_t good = bounds.*bound;
  if (good == whole.*bound)
    return;
  auto isGood = [&](int64_t value) {
    bounds.*bound = value;
    return isServedBy(bounds, answer) && llvm::all_of(left, [&](auto &entry) {
             return entry.second == answer ||
                    !bounds.hold(entry.first.samples, entry.first.positions);
           });
  };
  int64_t bad = std::min(2 * good, whole.*bound);
  if (isGood(bad))
    return;
  while (bad - good > std::max<int64_t>(1, good / 64)) {
    int64_t middle = good + (bad - good) / 2;
    (isGood(middle) ? good : bad) = middle;
  }
  bounds.*bound = good;
}

SmallVector<SizeRegion> Cover::find() {
  // Whatever the policy does, this many end the search.
  constexpr size_t kMost = 16;
  while (!left.empty() && found.size() < kMost) {
    Bounds bounds = findLargest();
    // The rest gets one answer.
    if (count(bounds) == left.size())
      break;
    auto isCovered = [&](auto &entry) {
      return bounds.hold(entry.first.samples, entry.first.positions);
    };
    Attribute answer = llvm::find_if(left, isCovered)->second;
    widen(bounds, &Bounds::total, answer);
    widen(bounds, &Bounds::positions, answer);
    llvm::erase_if(left, isCovered);
    found.push_back({bounds, answer});
  }
  llvm::MapVector<Attribute, size_t> answers;
  for (auto &[point, answer] : left)
    ++answers[answer];
  Attribute most;
  if (!answers.empty())
    most = llvm::max_element(answers, [](const auto &a, const auto &b) {
             return a.second < b.second;
           })->first;
  found.push_back({whole, most});
  return found;
}

//===----------------------------------------------------------------------===//
// Bits first, schedules within
//===----------------------------------------------------------------------===//

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
    // Midway between: bounds of the policy that lie closer together than by a
    // factor of two would have no point between them else.
    if (s % 2 == 0)
      positions.push_back(s / 2 * 3);
  }
  if (positions.empty())
    positions.push_back(unit);
  for (int64_t n : samples)
    for (int64_t s : positions)
      if (isOfInterest(n, s))
        grid.push_back({n, s});
  if (grid.empty())
    grid.push_back({samples.back(), positions.back()});
}

/// What is left of a schedule where two with the same bits are to be the same.
static CPUScheduleAttr getBits(CPUScheduleAttr schedule, bool featuresLast) {
  auto any = CPUScheduleAttr::getDefault(schedule.getContext());
  CPUStrategy strategy =
      featuresLast ? any.getStrategy() : schedule.getStrategy();
  return CPUScheduleAttr::get(
      schedule.getContext(), strategy, any.getTile(), schedule.getVector(),
      any.getPairs(), any.getBlock(), any.getOrder(), any.getRows(),
      any.getPrefetch(), any.getPrefetchAgain(), any.getBand(),
      any.getApplyOrder(), any.getApplyRows(), any.getApplyApart(),
      any.getApplyPrefetch(), any.getApplyAgain(), any.getApplyNext(),
      any.getApplyBackwards(), schedule.getChunk(), schedule.getPiece(),
      any.getShares(), any.getSpan(), schedule.getFlatten(), any.getStream(),
      any.getParallel());
}

SmallVector<SmallVector<SizeRegion>> Chooser::findRegions() const {
  auto askBits = [&](int64_t n, int64_t s) -> Attribute {
    return getBits(ask(n, s, /*threads=*/1), problem.featuresLast);
  };
  auto askAll = [&](int64_t n, int64_t s) -> Attribute {
    return ask(n, s, threads);
  };
  SmallVector<SmallVector<SizeRegion>> regions;
  regions.push_back(
      Cover(samples, positions, grid, /*whole=*/{}, /*before=*/{}, askBits)
          .find());
  prune(regions, /*most=*/regions.front().size(),
        /*mostAnswers=*/regions.front().size());
  SmallVector<SizeRegion> kinds = regions.pop_back_val();
  // Of two with one answer, the one for several samples takes what it can: the
  // other is left with single ones, which go by schedules of their own.
  for (size_t i = 1; i < kinds.size(); ++i)
    if (kinds[i - 1].answer == kinds[i].answer &&
        kinds[i - 1].bounds.minSamples < kinds[i].bounds.minSamples)
      std::swap(kinds[i - 1], kinds[i]);
  for (auto [i, kind] : llvm::enumerate(kinds)) {
    SmallVector<Point> points = llvm::filter_to_vector(
        grid, [&, answer = kind.answer](const Point &point) {
          return askBits(point.samples, point.positions) == answer;
        });
    regions.push_back(Cover(samples, positions, points, kind.bounds,
                            ArrayRef(kinds).take_front(i), askAll)
                          .find());
  }
  return regions;
}

/// About what share of the time is lost where a size gets `given` for `wanted`.
static double getLoss(Attribute wanted, Attribute given) {
  auto a = cast<CPUScheduleAttr>(wanted), b = cast<CPUScheduleAttr>(given);
  if (a == b)
    return 0;
  // A small call starts threads, or a large one has but one; stores go around
  // the cache, where y would stay in it, or through it for no reason.
  if (a.getParallel() != b.getParallel())
    return 1;
  if (a.getStream() != b.getStream())
    return b.getStream() ? 0.6 : 0.3;
  // What comes from memory is read in another way than what comes from a cache.
  if (a.getOrder() != b.getOrder() ||
      a.getPrefetchAgain() != b.getPrefetchAgain())
    return 0.2;
  if (a.getApplyNext() != b.getApplyNext() ||
      a.getApplyBackwards() != b.getApplyBackwards())
    return 0.12;
  return a.getApplyOrder() != b.getApplyOrder() ? 0.1 : 0.03;
}

/// What it costs to drop a region: what is lost at the points that get another
/// schedule then. A few samples are more usual than many.
double Chooser::getCost(ArrayRef<SmallVector<SizeRegion>> regions, size_t kind,
                        size_t place) const {
  auto find = [&](const Point &point, bool skip) -> Attribute {
    for (auto [i, regionsOfKind] : llvm::enumerate(regions))
      for (auto [j, region] : llvm::enumerate(regionsOfKind))
        if (!(skip && i == kind && j == place) &&
            region.bounds.hold(point.samples, point.positions))
          return region.answer;
    return nullptr;
  };
  double cost = 0;
  for (const Point &point : grid)
    cost += getLoss(find(point, /*skip=*/false), find(point, /*skip=*/true)) /
            (1 + llvm::Log2_64(point.samples));
  return cost;
}

/// Drops regions that are superfluous, and others while there are more than
/// `most`, or than `mostAnswers` different answers.
void Chooser::prune(SmallVectorImpl<SmallVector<SizeRegion>> &regions,
                    size_t most, size_t mostAnswers) const {
  while (true) {
    size_t count = 0, kind = 0, place = 0;
    double least = std::numeric_limits<double>::infinity();
    llvm::SmallDenseSet<Attribute> answers;
    for (auto [i, regionsOfKind] : llvm::enumerate(regions)) {
      count += regionsOfKind.size();
      for (const SizeRegion &region : regionsOfKind)
        answers.insert(region.answer);
      // The last one of its kind takes what is left of that.
      for (size_t j = 0; j + 1 < regionsOfKind.size(); ++j)
        if (double cost = getCost(regions, i, j); cost < least) {
          least = cost;
          kind = i;
          place = j;
        }
    }
    bool isFew = count <= most && answers.size() <= mostAnswers;
    if (std::isinf(least) || (least > 0 && isFew))
      return;
    regions[kind].erase(regions[kind].begin() + place);
  }
}

CPUScheduleChoice Chooser::choose() {
  SmallVector<SmallVector<SizeRegion>> regions = findRegions();
  prune(regions, CPUAlternativesAttr::kMost, kMostSchedules);
  SmallVector<CPUAlternativeAttr> alternatives;
  for (const SmallVector<SizeRegion> &regionsOfKind : regions)
    for (const auto &[bounds, answer] : regionsOfKind)
      alternatives.push_back(
          CPUAlternativeAttr::get(context, bounds.minSamples, bounds.positions,
                                  bounds.total, cast<CPUScheduleAttr>(answer)));

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
