# Writes OUTPUT, C++ that holds the files of FOLDER as text.
set(text "// Generated from the folder metal/.\n#include \"HeaderFolder.h\"\n
using Header = std::pair<llvm::StringRef, llvm::StringRef>;
static const Header headers[] = {\n")
file(GLOB files "${FOLDER}/*")
list(SORT files)
foreach(file IN LISTS files)
  get_filename_component(name "${file}" NAME)
  file(READ "${file}" content)
  string(APPEND text "{\"${name}\", R\"~gn~(${content})~gn~\"},\n")
endforeach()
string(APPEND text "};
llvm::ArrayRef<Header> gn::sim::embeddedHeaders() { return headers; }\n")
file(WRITE "${OUTPUT}" "${text}")
