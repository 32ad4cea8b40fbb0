//===- Fiber.h - Stacks and switches between them -------------------------===//
#ifndef GROUPNORM_RUNTIME_SIMULATOR_FIBER_H
#define GROUPNORM_RUNTIME_SIMULATOR_FIBER_H

#include <boost/context/detail/fcontext.hpp>
#include <cstddef>
#include <memory>
#include <vector>

namespace gn::sim {

using boost::context::detail::fcontext_t;
using boost::context::detail::jump_fcontext;
using boost::context::detail::make_fcontext;
using boost::context::detail::transfer_t;

/// The stacks of one worker: address space reserved once, each with a page
/// before it that nobody may touch.
class StackPool {
public:
  static constexpr size_t stackSize = 256 * 1024;

  StackPool() = default;
  StackPool(const StackPool &) = delete;
  ~StackPool();

  /// Makes room for `count` stacks; false where the system refuses.
  bool reserve(size_t count);
  /// Where stack `i` begins to grow down from. The tops are staggered, or
  /// all stacks would compete for the same lines of the cache.
  void *top(size_t i) const;
  bool contains(const void *p) const {
    return p >= memory && p < memory + stride * capacity;
  }

private:
  char *memory = nullptr;
  size_t capacity = 0, stride = 0;
};

} // namespace gn::sim

#endif // GROUPNORM_RUNTIME_SIMULATOR_FIBER_H
