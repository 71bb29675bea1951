/**
 * Lists every file a scene links to: `linked_files()` gives dicts {kind, raw, path, packed, exists, owner, library} and,
 * for what can be pointed elsewhere, remembers the setter in SETTERS under the same index. Absolute paths; a sequence or a
 * tiled image gives one entry per file on disk.
 */
export const linkedFilesScript = String.raw`
import glob, re

ENTRIES = []
SETTERS = []

def absolute(raw, library=None):
    return os.path.normpath(bpy.path.abspath(raw, library=library))

def add(kind, raw, owner, packed=False, path=None, setter=None, directory=False):
    if not raw or raw.startswith("<"):
        return
    library = getattr(owner, "library", None)
    full = absolute(raw, library) if path is None else os.path.normpath(path)
    ENTRIES.append({
        "kind": kind, "raw": raw, "path": full, "packed": bool(packed), "owner": owner.name,
        "exists": os.path.isdir(full) if directory else os.path.isfile(full),
        "directory": directory, "library": absolute(library.filepath) if library else None,
    })
    SETTERS.append(setter)

def setter_of(owner, name):
    return lambda value: setattr(owner, name, value)

def sequence_files(path):
    folder, name = os.path.split(path)
    match = re.match(r"^(.*?)(\d+)(\.[^.]*)$", name)
    if not match or not os.path.isdir(folder):
        return [path]
    head, digits, tail = match.groups()
    pattern = re.compile("^" + re.escape(head) + r"\d+" + re.escape(tail) + "$")
    found = [os.path.join(folder, one) for one in sorted(os.listdir(folder)) if pattern.match(one)]
    return found or [path]

def tile_files(path):
    found = []
    for marker, wild in (("<UDIM>", "[0-9][0-9][0-9][0-9]"), ("<UVTILE>", "u[0-9]*_v[0-9]*")):
        if marker in path:
            found = sorted(glob.glob(glob.escape(path).replace(marker, wild)))
    return found or [path]

def add_many(kind, raw, owner, files, setter):
    for path in files:
        add(kind, raw, owner, path=path, setter=setter)

def add_image(image):
    if image.source not in {"FILE", "SEQUENCE", "MOVIE", "TILED"}:
        return
    packed = image.packed_file is not None or len(image.packed_files) > 0
    setter = setter_of(image, "filepath")
    full = absolute(image.filepath, image.library)
    if packed or image.source in {"FILE", "MOVIE"}:
        add("image", image.filepath, image, packed=packed, setter=setter)
    else:
        files = sequence_files(full) if image.source == "SEQUENCE" else tile_files(full)
        add_many("image", image.filepath, image, files, setter)

def add_blocks():
    for library in bpy.data.libraries:
        # An indirect library's path is relative to the file that names it.
        path = absolute(library.filepath)
        ENTRIES.append({
            "kind": "library", "raw": library.filepath, "path": path, "packed": library.packed_file is not None,
            "owner": library.name, "exists": os.path.isfile(path), "directory": False,
            "library": absolute(library.parent.filepath) if library.parent else None,
        })
        SETTERS.append(setter_of(library, "filepath") if not library.parent else None)
    for image in bpy.data.images:
        add_image(image)
    for kind, blocks in (("sound", bpy.data.sounds), ("font", bpy.data.fonts)):
        for block in blocks:
            add(kind, block.filepath, block, packed=block.packed_file, setter=setter_of(block, "filepath"))
    for clip in bpy.data.movieclips:
        files = sequence_files(absolute(clip.filepath, clip.library)) if clip.source == "SEQUENCE" else [absolute(clip.filepath, clip.library)]
        add_many("movieClip", clip.filepath, clip, files, setter_of(clip, "filepath"))
    for volume in getattr(bpy.data, "volumes", []):
        full = absolute(volume.filepath, volume.library)
        if volume.packed_file is not None:
            add("volume", volume.filepath, volume, packed=True)
        else:
            add_many("volume", volume.filepath, volume, sequence_files(full) if volume.is_sequence else [full], setter_of(volume, "filepath"))
    for cache in bpy.data.cache_files:
        full = absolute(cache.filepath, cache.library)
        add_many("cache", cache.filepath, cache, sequence_files(full) if cache.is_sequence else [full], setter_of(cache, "filepath"))

class Strip:
    def __init__(self, scene, name):
        self.name, self.library = name, scene.library

def add_strips():
    for one in bpy.data.scenes:
        editor = one.sequence_editor
        for strip in (getattr(editor, "strips_all", None) or getattr(editor, "sequences_all", [])) if editor else []:
            owner = Strip(one, strip.name)
            if strip.type == "MOVIE":
                add("movie", strip.filepath, owner, setter=setter_of(strip, "filepath"))
            elif strip.type == "IMAGE":
                for element in strip.elements:
                    raw = strip.directory + element.filename
                    add("image", raw, owner, path=os.path.join(absolute(strip.directory, one.library), element.filename),
                        setter=lambda value, strip=strip: setattr(strip, "directory", value[: value.rfind("/") + 1]))

def add_nodes():
    trees = list(bpy.data.node_groups)
    for blocks in (bpy.data.materials, bpy.data.lights, bpy.data.worlds):
        trees += [block.node_tree for block in blocks if getattr(block, "node_tree", None)]
    for tree in trees:
        for node in tree.nodes:
            if node.bl_idname in {"ShaderNodeTexIES", "ShaderNodeScript"} and node.mode == "EXTERNAL":
                add("node", node.filepath, tree, setter=setter_of(node, "filepath"))

def add_caches():
    blend = bpy.data.filepath
    disk_cache = False
    for thing in bpy.data.objects:
        for modifier in thing.modifiers:
            if modifier.type == "MESH_CACHE":
                add("cache", modifier.filepath, thing, setter=setter_of(modifier, "filepath"))
            elif modifier.type == "OCEAN" and modifier.is_cached:
                add("cache", modifier.filepath, thing, directory=True, setter=setter_of(modifier, "filepath"))
            elif modifier.type == "FLUID" and modifier.fluid_type == "DOMAIN":
                settings = modifier.domain_settings
                if os.path.isdir(absolute(settings.cache_directory, thing.library)):
                    add("cache", settings.cache_directory, thing, directory=True, setter=setter_of(settings, "cache_directory"))
            elif modifier.type == "NODES" and getattr(modifier, "bake_directory", ""):
                add("cache", modifier.bake_directory, thing, directory=True, setter=setter_of(modifier, "bake_directory"))
            cache = getattr(modifier, "point_cache", None)
            disk_cache = disk_cache or bool(cache and cache.use_disk_cache)
        for system in thing.particle_systems:
            disk_cache = disk_cache or system.point_cache.use_disk_cache
    if disk_cache and blend:
        # Blender itself derives the folder's name from the scene's file: it cannot be pointed elsewhere.
        name = "blendcache_" + os.path.splitext(os.path.basename(blend))[0]
        scene_owner = Strip(bpy.context.scene, "point cache")
        add("pointCache", "//" + name, scene_owner, directory=True)

def linked_files():
    del ENTRIES[:]
    del SETTERS[:]
    for step in (add_blocks, add_strips, add_nodes, add_caches):
        step()
    return ENTRIES

def missing_files():
    return sorted({entry["path"] for entry in linked_files() if not entry["exists"] and not entry["packed"]})
`
