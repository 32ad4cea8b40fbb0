# What `cmake --install` puts where, and the package for find_package(GroupNorm).
# Included last, when every library is known.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

foreach(tree "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}")
  install(DIRECTORY "${tree}/include/groupnorm"
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    FILES_MATCHING PATTERN "*.h" PATTERN "*.td" PATTERN "*.inc"
    PATTERN CMakeFiles EXCLUDE)
endforeach()

install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/groupnorm-c"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/GroupNorm")
set(GROUPNORM_MLIR_VERSION "${LLVM_VERSION_MAJOR}.${LLVM_VERSION_MINOR}")
get_property(libraries GLOBAL PROPERTY GROUPNORM_EXPORTED)
list(JOIN libraries " " GROUPNORM_EXPORTED)
configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/GroupNormConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/cmake/GroupNormConfig.cmake"
  INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/cmake/GroupNormConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/cmake/GroupNormConfig.cmake"
  "${PROJECT_BINARY_DIR}/cmake/GroupNormConfigVersion.cmake"
  DESTINATION "${package_dir}")
install(EXPORT GroupNormTargets NAMESPACE GroupNorm:: DESTINATION "${package_dir}")
