//===- Printer.h - Prints GPU kernels as MSL --------------------*- C++ -*-===//
//
// Prints one gpu.module. Structured control flow becomes `for` and `if`;
// values that are used once become part of the expression that uses them,
// unless they have a name of their own. Nothing is rewritten here: what MSL
// cannot say is an error at the op.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_LIB_TARGET_MSL_PRINTER_H
#define GROUPNORM_LIB_TARGET_MSL_PRINTER_H

#include "Names.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Support/IndentedOstream.h"

namespace gn::msl {

/// How tightly an expression binds; more is tighter.
enum class Binding {
  Ternary,
  Or,
  And,
  BitOr,
  BitXor,
  BitAnd,
  Equality,
  Relation,
  Shift,
  Sum,
  Quotient, // binds like a product, but reads better apart from one
  Product,
  Unary,
  Primary
};

struct Expression {
  std::string text;
  Binding binding = Binding::Primary;
};

class Printer {
public:
  explicit Printer(llvm::raw_ostream &os) : os(os) {}
  llvm::LogicalResult printModule(mlir::gpu::GPUModuleOp module);
  /// The same in two steps: the functions, then the body of each kernel, whose
  /// arguments get the names that are returned.
  llvm::LogicalResult printFunctions(mlir::gpu::GPUModuleOp module);
  llvm::FailureOr<llvm::SmallVector<std::string>>
  printBody(mlir::gpu::GPUFuncOp kernel);
  /// What stands above the first module's functions.
  void printPreamble();

private:
  //===--------------------------------------------------------------------===//
  // Functions (Signatures.cpp)
  //===--------------------------------------------------------------------===//
  /// Reserves the name of a function or a kernel.
  llvm::LogicalResult takeFunctionName(mlir::Operation *op);
  llvm::LogicalResult printFunction(mlir::func::FuncOp function);
  llvm::LogicalResult checkKernel(mlir::gpu::GPUFuncOp kernel);
  llvm::LogicalResult printKernel(mlir::gpu::GPUFuncOp kernel);
  /// Names the arguments of a kernel and, like their attributes, the parameters
  /// by which it is told where its thread stands; returns these.
  llvm::SmallVector<llvm::StringRef>
  nameParameters(mlir::gpu::GPUFuncOp kernel);
  llvm::LogicalResult printStatements(mlir::gpu::GPUFuncOp kernel);
  llvm::LogicalResult printParameters(mlir::gpu::GPUFuncOp kernel);
  llvm::LogicalResult printThreadgroupBuffers(mlir::gpu::GPUFuncOp kernel);
  void printComment(llvm::StringRef text);
  void nameArgument(mlir::BlockArgument argument, mlir::Attribute name);

  //===--------------------------------------------------------------------===//
  // Statements (Printer.cpp)
  //===--------------------------------------------------------------------===//
  llvm::LogicalResult printBlock(mlir::Block &block);
  llvm::LogicalResult printStatement(mlir::Operation *op);
  llvm::LogicalResult printFor(mlir::scf::ForOp op);
  llvm::LogicalResult printIf(mlir::scf::IfOp op);
  llvm::LogicalResult printAlloca(mlir::memref::AllocaOp op);
  llvm::LogicalResult printStore(mlir::Operation *op);
  llvm::LogicalResult printBarrier(mlir::gpu::BarrierOp op);
  llvm::LogicalResult printDefinition(mlir::Operation *op);
  /// Assigns yielded values to the variables that carry them.
  llvm::LogicalResult printYield(mlir::Operation *yield,
                                 llvm::ArrayRef<mlir::Value> targets);
  /// Names and declares variables that are assigned later, and gives them their
  /// first values if there are any.
  llvm::LogicalResult declare(mlir::ValueRange values,
                              mlir::ValueRange initial);
  void printRole(mlir::Operation *op);
  void separate(mlir::Operation *op);
  /// Prints a statement, on several lines if it is long.
  void printLine(const llvm::Twine &text);
  void openBrace();
  void closeBrace();

  //===--------------------------------------------------------------------===//
  // What is said where it is used (Inlining.cpp)
  //===--------------------------------------------------------------------===//
  /// Whether `op` is said where it is used, and not by a variable.
  bool isInlined(mlir::Operation *op);
  /// Whether what `value` says names the variable of one of `targets`.
  bool mentions(mlir::Value value, llvm::ArrayRef<mlir::Value> targets);

  //===--------------------------------------------------------------------===//
  // Expressions (Expressions.cpp; arith and math in Arithmetic.cpp)
  //===--------------------------------------------------------------------===//
  llvm::FailureOr<Expression> expression(mlir::Value value);
  llvm::FailureOr<Expression> expressionOf(mlir::Operation *op);
  llvm::FailureOr<Expression> arithmetic(mlir::Operation *op);
  llvm::FailureOr<Expression> vectorOp(mlir::Operation *op);
  llvm::FailureOr<Expression> gpuOp(mlir::Operation *op);
  llvm::FailureOr<Expression> comparison(mlir::arith::CmpFOp op);
  llvm::FailureOr<Expression> comparison(mlir::arith::CmpIOp op);
  llvm::FailureOr<Expression> binary(mlir::Operation *op, llvm::StringRef sign,
                                     Binding binding, bool isSigned = false);
  llvm::FailureOr<Expression> callOf(mlir::Operation *op, llvm::StringRef name,
                                     mlir::ValueRange arguments);
  /// max or min of signed integers.
  llvm::FailureOr<Expression> signedCall(mlir::Operation *op);
  llvm::FailureOr<Expression> conversion(mlir::Operation *op,
                                         bool fromSigned = false,
                                         bool toSigned = false);
  /// `buffer[position]`, or the buffer's name where it holds one value.
  llvm::FailureOr<Expression> element(mlir::Operation *op, mlir::Value buffer,
                                      mlir::ValueRange position);
  /// A vector in a buffer of scalars.
  llvm::FailureOr<Expression> vectorElement(mlir::Operation *op,
                                            mlir::Value buffer,
                                            mlir::ValueRange position,
                                            mlir::VectorType type,
                                            bool isWritten);
  /// The text of an operand, in parentheses where `binding` needs them.
  llvm::FailureOr<std::string> operand(mlir::Value value, Binding binding,
                                       bool isSigned = false);
  /// MSL's name for the type of a value; an error at `op` if it has none.
  llvm::FailureOr<std::string> typeName(mlir::Operation *op, mlir::Type type);
  mlir::InFlightDiagnostic refuse(mlir::Operation *op);

  mlir::raw_indented_ostream os;
  NameScopes names;
  llvm::StringSet<> functions; // whose names are taken; they can be called
  llvm::DenseMap<mlir::Value, std::string> variables;
  llvm::DenseMap<mlir::Operation *, bool> inlined;
  bool isInKernel = false;
  unsigned depth = 0;
};

/// The address space of a buffer, in MSL's word; empty if it has none.
llvm::StringRef getAddressSpace(mlir::Value buffer);
/// Whether anything in the kernel of this buffer writes it.
bool isWritten(mlir::Value buffer);

} // namespace gn::msl

#endif // GROUPNORM_LIB_TARGET_MSL_PRINTER_H
