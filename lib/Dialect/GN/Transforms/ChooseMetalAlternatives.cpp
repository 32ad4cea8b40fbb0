//===- ChooseMetalAlternatives.cpp - The Metal policy for dynamic sizes ---===//
//
// Estimates the time of every schedule that could be good at the points of a
// grid of sizes. The points are cut by the number of samples, and each part
// again along the number of positions or their total, so that what is lost by
// one schedule for each of a few parts is least.
//
//===----------------------------------------------------------------------===//

#include "MetalPolicy.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace gn;

/// Each is a kernel or three in the text.
static constexpr size_t kMostAlternatives = 6;
/// How much more time than the least is not too much for fewer bytes.
static constexpr double kFrugal = 1.2;
/// How much more time than the least is nearly as good.
static constexpr double kNearly = 1.05;
/// What an alternative saves at least, of the time over all sizes.
static constexpr double kLeastGain = 0.0005;
/// Sizes of x in bytes that are worth a schedule of their own, as on a CPU.
static constexpr double kSmallest = 16 << 10, kLargest = 1 << 30;
static constexpr int64_t kMostSamples = 256;

namespace {

struct Point {
  int64_t samples, positions;
  double weight; // a few samples are more usual than many
  // The least time for known sizes, and the bytes of who is frugal.
  MetalEstimate best = {std::numeric_limits<double>::infinity(), 0};
  // Of the time or the bytes to these, whichever is more.
  double leastRatio = std::numeric_limits<double>::infinity();

  int64_t getTotal() const { return samples * positions; }
};

struct Candidate {
  MetalScheduleAttr schedule;
  SmallVector<double> losses; // one a point
};

/// What a bound is of.
enum class Axis { Positions, Total };

/// A list of alternatives, and what is lost by it.
struct Cut {
  double loss = std::numeric_limits<double>::infinity();
  SmallVector<MetalAlternativeAttr> alternatives;
};

class Chooser {
public:
  Chooser(GroupNormOp op, const MetalTarget &target)
      : op(op), target(target), context(op.getContext()) {
    makeGrid();
    makeCandidates();
  }
  Attribute choose();

private:
  void makeGrid();
  void makeCandidates();
  /// The best cuts of the points whose samples are in [least, end) into one
  /// part, two, and so on, by bounds along one axis; the last part has none.
  std::vector<Cut> cutAlong(Axis axis, int64_t least, int64_t end) const;
  std::vector<Cut> cut(int64_t least, int64_t end) const;

  GroupNormOp op;
  const MetalTarget &target;
  MLIRContext *context;
  SmallVector<Point> grid;
  std::vector<Candidate> candidates;
};

} // namespace

static constexpr int64_t kUnbounded = MetalAlternativeAttr::kUnbounded;

void Chooser::makeGrid() {
  ShapedType x = op.getXType();
  int64_t unit = 1;
  bool isDynamic = false;
  for (int64_t dim = 1; dim < x.getRank(); ++dim) {
    if (dim == op.getFeatureDimension())
      continue;
    if (x.isDynamicDim(dim))
      isDynamic = true;
    else
      unit *= std::max<int64_t>(1, x.getDimSize(dim));
  }
  double perPosition =
      double(op.getNumFeatures()) * x.getElementTypeBitWidth() / 8;
  auto add = [&](int64_t samples, int64_t positions) {
    grid.push_back({samples, positions, 1.0 / samples});
  };
  for (int64_t n = x.isDynamicDim(0) ? 1 : x.getDimSize(0); n > 0; n *= 2) {
    for (int64_t s = unit; n * double(s) * perPosition <= kLargest; s *= 2) {
      if (n * double(s) * perPosition >= kSmallest) {
        add(n, s);
        // Midway between.
        if (isDynamic && s % 2 == 0)
          add(n, s / 2 * 3);
      }
      if (!isDynamic)
        break;
    }
    if (!x.isDynamicDim(0) || n == kMostSamples)
      break;
  }
  if (grid.empty())
    add(1, unit);
}

/// Calls `consider` with each schedule that could be good.
static void forEachSchedule(GroupNormOp op, int64_t maxThreads,
                            function_ref<void(MetalScheduleAttr)> consider) {
  int64_t numGroups = op.getNumGroups();
  int64_t threadLimit = std::clamp<int64_t>(maxThreads / 32 * 32, 32, 1024);
  for (int64_t groups = 1; groups <= numGroups; ++groups) {
    if (numGroups % groups != 0)
      continue;
    for (int64_t threads = threadLimit; threads >= 32;
         threads -= std::max<int64_t>(32, threads / 4 / 32 * 32)) {
      auto with = [&](MetalStrategy strategy, int64_t chunk, int64_t keep,
                      int64_t piece) {
        consider(MetalScheduleAttr::get(op.getContext(), strategy, threads,
                                        /*vector=*/4, groups, chunk, keep,
                                        piece));
      };
      with(MetalStrategy::Single, /*chunk=*/8, /*keep=*/0, /*piece=*/64);
      with(MetalStrategy::Looped, /*chunk=*/8, /*keep=*/0, /*piece=*/64);
      // From 16 to 112 elements in vectors of four, of two, or one by one.
      for (int64_t keep : {4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 80, 112})
        with(MetalStrategy::Looped, /*chunk=*/4, keep, /*piece=*/64);
      for (int64_t piece : {8, 16, 32, 64, 128, 256})
        with(MetalStrategy::Split, /*chunk=*/8, /*keep=*/0, piece);
    }
  }
}

void Chooser::makeCandidates() {
  std::vector<std::pair<MetalScheduleAttr, std::vector<MetalEstimate>>> all;
  forEachSchedule(op, target.maxThreads, [&](MetalScheduleAttr schedule) {
    FailureOr<KernelPlan> plan = KernelPlan::create(op, schedule);
    if (failed(plan) || plan->threadgroupBytes() > target.threadgroupMemory)
      return;
    // Where all of a tile is kept, `single` says so.
    if (plan->rounds() && schedule.getKeep() >= *plan->rounds())
      return;
    std::vector<MetalEstimate> estimates;
    for (Point &point : grid) {
      auto sizes = MetalSizes::create(*plan, point.samples, point.positions);
      estimates.push_back(estimate(*plan, target, sizes));
      // What is held against are the schedules for known sizes: of these, one
      // keeps all of a tile or nothing.
      double kept = schedule.getKeep() * plan->itemsPerRound;
      bool isForKnown = kept == 0 || kept >= countItems(*plan, sizes);
      if (isForKnown && estimates.back().time < point.best.time)
        point.best = estimates.back();
    }
    all.emplace_back(schedule, std::move(estimates));
  });
  // The time is a guess, the bytes are not: nobody else's who is nearly as fast
  // are to be fewer.
  for (const auto &[schedule, estimates] : all)
    for (auto [point, estimate] : llvm::zip_equal(grid, estimates))
      if (estimate.time <= kFrugal * point.best.time)
        point.best.bytes = std::min(point.best.bytes, estimate.bytes);
  auto getRatio = [](const Point &point, const MetalEstimate &estimate) {
    return std::max({1.0, estimate.time / point.best.time,
                     estimate.bytes / point.best.bytes});
  };
  for (const auto &[schedule, estimates] : all)
    for (auto [point, estimate] : llvm::zip_equal(grid, estimates))
      point.leastRatio = std::min(point.leastRatio, getRatio(point, estimate));
  for (const auto &[schedule, estimates] : all) {
    // Whoever is nowhere nearly the best is not looked at again.
    bool isGood = false;
    Candidate candidate{schedule, {}};
    for (auto [point, estimate] : llvm::zip_equal(grid, estimates)) {
      double ratio = getRatio(point, estimate);
      isGood |= ratio <= kNearly * point.leastRatio;
      // Twice what is lost at one size is worse than once at two.
      double loss = std::log(ratio);
      candidate.losses.push_back(point.weight * loss * loss);
    }
    if (isGood)
      candidates.push_back(std::move(candidate));
  }
}

std::vector<Cut> Chooser::cutAlong(Axis axis, int64_t least,
                                   int64_t end) const {
  auto getPlace = [&](const Point &point) {
    return axis == Axis::Positions ? point.positions : point.getTotal();
  };
  // The places where it can be cut, and how much each candidate loses up to
  // each of them.
  auto isMeant = [&](const Point &point) {
    return point.samples >= least && point.samples < end;
  };
  SmallVector<int64_t> places;
  for (const Point &point : grid)
    if (isMeant(point))
      places.push_back(getPlace(point));
  llvm::sort(places);
  places.erase(llvm::unique(places), places.end());
  size_t count = places.size();
  std::vector<std::vector<double>> sums(candidates.size(),
                                        std::vector<double>(count + 1));
  for (auto [candidate, sum] : llvm::zip_equal(candidates, sums)) {
    for (auto [point, loss] : llvm::zip_equal(grid, candidate.losses))
      if (isMeant(point))
        sum[llvm::lower_bound(places, getPlace(point)) - places.begin() + 1] +=
            loss;
    for (size_t i = 0; i < count; ++i)
      sum[i + 1] += sum[i];
  }

  // The best cuts of what lies before each place, one part more in each round.
  std::vector<Cut> best(count + 1), whole;
  best[0].loss = 0;
  for (size_t parts = 1; parts <= kMostAlternatives; ++parts) {
    std::vector<Cut> next(count + 1);
    for (size_t last = 1; last <= count; ++last)
      for (size_t first = 0; first < last; ++first)
        for (auto [candidate, sum] : llvm::zip_equal(candidates, sums)) {
          double loss = best[first].loss + sum[last] - sum[first];
          if (loss >= next[last].loss)
            continue;
          int64_t bound = last == count ? kUnbounded : places[last - 1];
          next[last].loss = loss;
          next[last].alternatives = best[first].alternatives;
          next[last].alternatives.push_back(MetalAlternativeAttr::get(
              context, least, axis == Axis::Positions ? bound : kUnbounded,
              axis == Axis::Total ? bound : kUnbounded, candidate.schedule));
        }
    best = std::move(next);
    whole.push_back(best[count]);
  }
  return whole;
}

std::vector<Cut> Chooser::cut(int64_t least, int64_t end) const {
  std::vector<Cut> cuts = cutAlong(Axis::Positions, least, end);
  for (auto [cut, other] :
       llvm::zip_equal(cuts, cutAlong(Axis::Total, least, end)))
    if (other.loss < cut.loss)
      cut = other;
  return cuts;
}

Attribute Chooser::choose() {
  if (candidates.empty())
    return nullptr;
  double weight = 0;
  SmallVector<int64_t> samples;
  for (const Point &point : grid) {
    weight += point.weight;
    samples.push_back(point.samples);
  }
  llvm::sort(samples);
  samples.erase(llvm::unique(samples), samples.end());
  // The best lists of each length for what has samples[i] samples or more.
  size_t count = samples.size();
  std::vector<std::vector<Cut>> best(count + 1);
  for (std::vector<Cut> &lists : best)
    lists.resize(kMostAlternatives + 1);
  best[count][0].loss = 0;
  for (size_t first = count; first-- > 0;)
    for (size_t end = first + 1; end <= count; ++end) {
      std::vector<Cut> cuts =
          // Smaller sizes than the grid has go by its first.
          cut(first == 0 ? 0 : samples[first],
              end == count ? kUnbounded : samples[end]);
      for (size_t before = 0; before <= kMostAlternatives; ++before)
        for (auto [parts, cut] : llvm::enumerate(cuts)) {
          size_t all = before + parts + 1;
          if (all > kMostAlternatives)
            break;
          double loss = best[end][before].loss + cut.loss;
          if (loss >= best[first][all].loss)
            continue;
          best[first][all] = best[end][before];
          best[first][all].loss = loss;
          llvm::append_range(best[first][all].alternatives, cut.alternatives);
        }
    }
  const Cut *chosen = nullptr;
  auto costOf = [&](const Cut &cut) {
    return cut.loss + kLeastGain * weight * cut.alternatives.size();
  };
  for (const Cut &cut : ArrayRef(best[0]).drop_front())
    if (!chosen || costOf(cut) < costOf(*chosen))
      chosen = &cut;
  if (chosen->alternatives.size() == 1)
    return chosen->alternatives.front().getSchedule();
  return MetalAlternativesAttr::get(context, chosen->alternatives);
}

Attribute gn::chooseMetalAlternatives(GroupNormOp op,
                                      const MetalTarget &target) {
  return Chooser(op, target).choose();
}
