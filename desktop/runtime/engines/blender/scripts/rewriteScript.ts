/** Points links of a scene elsewhere (`CONFIG["links"]`: index in `linked_files()` → new path) and saves a copy. */
export const rewriteScript = String.raw`
linked_files()
for index, path in CONFIG["links"].items():
    SETTERS[int(index)](path)
bpy.ops.wm.save_as_mainfile(filepath=CONFIG["target"], copy=True, compress=True, relative_remap=False)
emit("saved")
`
