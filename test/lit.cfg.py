# How the lit tests run; the paths come from the build's lit.site.cfg.py.
import os

import lit.formats

config.name = "GroupNorm"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".metal", ".mlir", ".test"]
config.excludes = ["Inputs"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.build_dir, "test")

config.environment["PATH"] = os.pathsep.join(
    [os.path.join(config.build_dir, "bin"), config.llvm_tools_dir, config.environment["PATH"]]
)
config.substitutions += [
    ("%python", config.python),
    ("%cc", config.host_cc),
    ("%llvm_lib_dir", config.llvm_lib_dir),
    ("%inputs", os.path.join(config.test_source_root, "Inputs")),
]
