//===- Module.h - The Python of an emitted module ---------------*- C++ -*-===//

#ifndef GROUPNORM_LIB_TARGET_MLX_MODULE_H
#define GROUPNORM_LIB_TARGET_MLX_MODULE_H

namespace gn::mlx {

/// module.py.in: Python with a $name where something is to be filled in.
extern const char *const moduleTemplate;

} // namespace gn::mlx

#endif // GROUPNORM_LIB_TARGET_MLX_MODULE_H
