# How the lit tests run; the paths come from the build's lit.site.cfg.py.
import os
import shutil
import subprocess

import lit.formats

config.name = "GroupNorm"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".metal", ".mlir", ".test"]
config.excludes = ["Inputs", "lib"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.build_dir, "test")

config.environment["PATH"] = os.pathsep.join(
    [os.path.join(config.build_dir, "bin"), config.llvm_tools_dir, config.environment["PATH"]]
)

# The Python packages that tools/dev installs; without them the tests that need
# them are reported as unsupported.
for package in ("contourpy", "numpy", "mlx"):
    script = f"import importlib.util as u, sys; sys.exit(not u.find_spec('{package}'))"
    if subprocess.run([config.python, "-c", script], check=False).returncode == 0:
        config.available_features.add(package)

# The emulators that run code for other CPUs, from objects that clang and lld link.
if shutil.which("ld.lld", path=config.environment["PATH"]) and "clang" in os.path.basename(config.host_cc):
    for emulator in ("qemu-aarch64", "qemu-x86_64"):
        if shutil.which(emulator):
            config.available_features.add(emulator)

config.substitutions += [
    # How much the numeric tests cover: quick, or full by LIT_OPTS=-Dtier=full.
    ("%tier", lit_config.params.get("tier", "quick")),
    ("%python", config.python),
    ("%cc", config.host_cc),
    ("%cxx", config.host_cxx),
    ("%cmake", config.cmake),
    ("%mlir_dir", config.mlir_dir),
    ("%source_dir", config.source_dir),
    ("%build_dir", config.build_dir),
    ("%llvm_lib_dir", config.llvm_lib_dir),
    ("%shlibext", config.shlibext),
    ("%groupnorm_plugin", config.plugin),
    ("%inputs", os.path.join(config.test_source_root, "Inputs")),
]
