/** Sets a scene up for a task and reports each finished frame at once. Runs after the scene was opened, before `-f`. Needs `linkedFilesScript` and `sceneFactsScript`. */
export const renderScript = String.raw`
import time

VERSION = bpy.app.version
IMAGE_FORMATS = {"PNG", "JPEG", "OPEN_EXR", "OPEN_EXR_MULTILAYER", "TIFF"}
# What the checker cannot read becomes the nearest it can; movies become pictures.
SUBSTITUTES = {"HDR": "OPEN_EXR", "CINEON": "OPEN_EXR", "DPX": "OPEN_EXR"}

def set_format(name):
    image = render.image_settings
    if hasattr(image, "media_type"):
        image.media_type = "MULTI_LAYER_IMAGE" if name == "OPEN_EXR_MULTILAYER" else "IMAGE"
    image.file_format = name

def apply_engine():
    wanted = CONFIG.get("engine")
    if not wanted or wanted == render.engine:
        return
    eevee = ("BLENDER_EEVEE", "BLENDER_EEVEE_NEXT")
    for name in (wanted,) + (eevee if wanted in eevee else ()):
        try:
            render.engine = name
            return
        except TypeError:
            continue
    fail("SCENE_ENGINE_UNKNOWN", engine=wanted)

def known_engines():
    names = {engine.bl_idname for engine in bpy.types.RenderEngine.__subclasses__() if hasattr(engine, "bl_idname")}
    return names | {"BLENDER_EEVEE", "BLENDER_EEVEE_NEXT", "BLENDER_WORKBENCH"}

def check_engine():
    if render.engine not in known_engines():
        fail("SCENE_ENGINE_UNKNOWN", engine=render.engine or "?")

def apply_size():
    width, height = CONFIG.get("width"), CONFIG.get("height")
    if not width and not height:
        return
    if not width:
        width = max(4, round(render.resolution_x * height / render.resolution_y))
    if not height:
        height = max(4, round(render.resolution_y * width / render.resolution_x))
    render.resolution_x, render.resolution_y, render.resolution_percentage = width, height, 100

def apply_samples():
    samples = CONFIG.get("samples")
    if samples and render.engine == "CYCLES":
        scene.cycles.samples = samples
    elif samples and render.engine.startswith("BLENDER_EEVEE"):
        scene.eevee.taa_render_samples = samples

def apply_format():
    before = render.image_settings.file_format
    wanted = CONFIG.get("format") or before
    if wanted not in IMAGE_FORMATS:
        wanted = SUBSTITUTES.get(wanted, "PNG")
        warn("SCENE_OUTPUT_CHANGED", what="format", before=before, after=wanted)
    set_format(wanted)

def apply_views():
    image = render.image_settings
    used = used_views()
    before, is_exr = image.views_format, image.file_format.startswith("OPEN_EXR")
    # Only an OpenEXR holds several: what the scene wanted for one is no format of another.
    if len(used) < 2 or before == "STEREO_3D" or (is_exr and before == "MULTIVIEW"):
        return
    # One frame, one file: the views travel inside it.
    if is_exr:
        image.views_format = "MULTIVIEW"
    elif len(used) == 2 and render.views_format == "STEREO_3D":
        image.views_format = "STEREO_3D"
        image.stereo_3d_format.display_mode = "SIDEBYSIDE"
        image.stereo_3d_format.use_squeezed_frame = False
    else:
        fail("SCENE_VIEWS_UNSUPPORTED", count=len(used))
    warn("SCENE_OUTPUT_CHANGED", what="views", before=before, after=image.views_format)

def apply_output():
    folder = CONFIG["outputFolder"]
    if VERSION >= (5, 0, 0):
        # Since 5.0 braces are templates.
        folder = folder.replace("{", "{{").replace("}", "}}")
    render.filepath = os.path.join(folder, "frame_######")
    render.use_file_extension = True
    render.use_overwrite = True
    render.use_placeholder = False

def silence_output_nodes():
    trees = list(bpy.data.node_groups)
    trees += [one.node_tree for one in bpy.data.scenes if getattr(one, "node_tree", None)]
    muted = 0
    for tree in trees:
        for node in tree.nodes:
            if node.bl_idname != "CompositorNodeOutputFile":
                continue
            muted += 0 if node.mute else 1
            node.mute = True
            # A second lock: whatever it might still write stays in the run's own folder.
            for name in ("base_path", "directory"):
                if hasattr(node, name):
                    setattr(node, name, CONFIG["scratchFolder"])
    if muted:
        warn("SCENE_OUTPUT_CHANGED", what="fileOutputNodes", before=str(muted), after="0")

def use_gpu(backends):
    preferences = bpy.context.preferences.addons["cycles"].preferences
    for backend in backends:
        try:
            preferences.compute_device_type = backend
        except TypeError:
            continue
        refresh = getattr(preferences, "refresh_devices", None) or preferences.get_devices
        refresh()
        found = [device for device in preferences.devices if device.type == backend]
        for device in preferences.devices:
            device.use = device.type == backend
        # What Cycles itself asks before it falls back to the CPU without a word.
        if found and preferences.has_active_device():
            scene.cycles.device = "GPU"
            return backend + ": " + ", ".join(device.name for device in found)
    fail("DEVICE_FELL_BACK", device=", ".join(backends))

def apply_device():
    if render.engine != "CYCLES":
        return "GPU" if render.engine.startswith("BLENDER_") else "CPU"
    if CONFIG["device"]["kind"] == "gpu":
        return use_gpu(CONFIG["device"]["backends"])
    scene.cycles.device = "CPU"
    return "CPU"

def check_denoiser():
    wanted = wanted_denoiser()
    if wanted is None:
        return
    try:
        import _cycles
        lacks_oidn = not getattr(_cycles, "with_openimagedenoise", True)
    except ImportError:
        lacks_oidn = False
    # OptiX denoises without it, but only on such a card.
    if wanted == "OPTIX" and CONFIG["device"]["kind"] == "gpu":
        return
    if lacks_oidn:
        fail("SCENE_NEEDS_DENOISER", denoiser=wanted)

def check_camera():
    if scene.camera is None and not makes_pictures_without_camera():
        fail("SCENE_NO_CAMERA")

def size_of_frame():
    width = render.resolution_x * render.resolution_percentage // 100
    height = render.resolution_y * render.resolution_percentage // 100
    return {"width": width, "height": height}

frame_began = time.perf_counter()

def on_frame_started(*_):
    global frame_began
    # Asked before each frame: somebody may want the card back. What is saved is saved; nothing is lost by leaving here.
    if os.path.exists(CONFIG["lastFrameFile"]):
        emit("stopped", frame=scene.frame_current)
        sys.stdout.flush()
        os._exit(0)
    frame_began = time.perf_counter()
    emit("frameStarted", frame=scene.frame_current)

def on_frame_written(*_):
    elapsed = (time.perf_counter() - frame_began) * 1000
    emit("frameSaved", frame=scene.frame_current, path=render.frame_path(frame=scene.frame_current), elapsedMs=elapsed)

def on_cancel(*_):
    emit("renderCancelled", frame=scene.frame_current)

def on_stats(text, *_):
    if isinstance(text, str):
        emit("stats", frame=scene.frame_current, text=text)

apply_engine()
check_engine()
apply_size()
apply_samples()
apply_format()
apply_views()
apply_output()
silence_output_nodes()
check_camera()
check_denoiser()
device_name = apply_device()
for missing in missing_files():
    warn("SCENE_MISSING_FILES", files=[missing])
if bpy.app.autoexec_fail:
    warn("SCENE_SCRIPTS_OFF", what=bpy.app.autoexec_fail_message)

handlers = bpy.app.handlers
handlers.render_pre.append(on_frame_started)
handlers.render_write.append(on_frame_written)
handlers.render_cancel.append(on_cancel)
if VERSION >= (4, 2, 0) and hasattr(handlers, "render_stats"):
    handlers.render_stats.append(on_stats)

emit("started", blenderVersion=".".join(str(part) for part in VERSION), engine=render.engine, device=device_name,
     samples=samples_of_scene(), layerSamples=samples_of_layers(), format=render.image_settings.file_format, crop=crop(), views=views(), **size_of_frame())
`
