# Build rules that every folder of the project shares.
include(GNUInstallDirs)

# Headers are the bulk of the compile time of an MLIR project: one precompiled
# set serves every library and tool.
add_library(groupnorm-pch OBJECT "${CMAKE_CURRENT_LIST_DIR}/pch.cpp")
target_precompile_headers(groupnorm-pch PRIVATE "${CMAKE_CURRENT_LIST_DIR}/pch.h")

function(_groupnorm_flags target)
  target_include_directories(${target} PUBLIC
    "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
    "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>"
    "$<INSTALL_INTERFACE:include>")
  target_compile_definitions(${target} PUBLIC ${LLVM_DEFINITIONS_LIST})
  # TableGen's output leaves parameters unused, as LLVM's own build allows.
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wno-unused-parameter -fPIC -fno-exceptions $<$<NOT:$<BOOL:${LLVM_ENABLE_RTTI}>>:-fno-rtti>)
  # One code model for libraries and tools, or they could not share the headers:
  # -fPIC above stands for CMake's -fPIC and -fPIE both.
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
endfunction()

separate_arguments(LLVM_DEFINITIONS_LIST NATIVE_COMMAND "${LLVM_DEFINITIONS}")
_groupnorm_flags(groupnorm-pch)

# groupnorm_add_library(NAME sources... [LINK libs...] [DEPENDS targets...])
# A static library on the shared libMLIR and libLLVM. DEPENDS names the
# TableGen targets whose output the sources include.
function(groupnorm_add_library name)
  cmake_parse_arguments(ARG "" "" "LINK;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  _groupnorm_flags(${name})
  target_precompile_headers(${name} REUSE_FROM groupnorm-pch)
  target_link_libraries(${name} PUBLIC ${ARG_LINK} MLIR LLVM)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  # GroupNormGN is GroupNorm::GN to others, whether installed or a subfolder.
  string(REGEX REPLACE "^GroupNorm" "" short "${name}")
  add_library(GroupNorm::${short} ALIAS ${name})
  set_target_properties(${name} PROPERTIES EXPORT_NAME ${short})
  install(TARGETS ${name} EXPORT GroupNormTargets
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  set_property(GLOBAL APPEND PROPERTY GROUPNORM_EXPORTED ${short})
  set_property(GLOBAL APPEND PROPERTY GROUPNORM_TARGETS ${name})
endfunction()

# groupnorm_add_tool(NAME sources... [LINK libs...] [NO_INSTALL])
function(groupnorm_add_tool name)
  cmake_parse_arguments(ARG "NO_INSTALL" "" "LINK;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  _groupnorm_flags(${name})
  target_precompile_headers(${name} REUSE_FROM groupnorm-pch)
  target_link_libraries(${name} PRIVATE ${ARG_LINK} MLIR LLVM)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  if(NOT ARG_NO_INSTALL)
    install(TARGETS ${name} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  endif()
  set_property(GLOBAL APPEND PROPERTY GROUPNORM_TARGETS ${name})
endfunction()
