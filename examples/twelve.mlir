// Normalizes twelve numbers in two groups, features 0 and 2 and features 1 and
// 3, and prints the result:
//
//   groupnorm-opt --gn-to-llvm=threads=1 twelve.mlir |
//     mlir-runner -e main -entry-point-result=void \
//       -shared-libs=/usr/lib/llvm-22/lib/libmlir_runner_utils.so
func.func private @printMemrefF32(tensor<*xf32>)
    attributes {llvm.emit_c_interface}

func.func @main() {
  %x = arith.constant dense<[[[1.0, 10.0, 2.0, 20.0],
                              [3.0, 30.0, 4.0, 40.0],
                              [5.0, 50.0, 6.0, 60.0]]]> : tensor<1x3x4xf32>
  %init = tensor.empty() : tensor<1x3x4xf32>
  %y = gn.group_norm num_groups(2) ins(%x : tensor<1x3x4xf32>)
         outs(%init : tensor<1x3x4xf32>) -> tensor<1x3x4xf32>
  %printed = tensor.cast %y : tensor<1x3x4xf32> to tensor<*xf32>
  call @printMemrefF32(%printed) : (tensor<*xf32>) -> ()
  return
}
