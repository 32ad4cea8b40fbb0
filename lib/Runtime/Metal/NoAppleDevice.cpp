//===- NoAppleDevice.cpp - Where Apple's runtime is not -------------------===//

#include "Device.h"

llvm::Expected<gn::runtime::MetalDevicePtr>
gn::runtime::createAppleDevice(llvm::StringRef, llvm::ArrayRef<std::string>) {
  return nullptr;
}
