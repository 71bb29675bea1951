/**
 * Renders one sample of Blender's own first scene on a device, small, and looks at the picture: that a device is listed proves nothing, and a
 * driver that cannot compile Cycles' kernels says so only then. `prove(backend)` answers with the event `proved`.
 */
export const proofScript = String.raw`
import tempfile, time

def use_backend(scene, backend):
    if backend == "CPU":
        scene.cycles.device = "CPU"
        return ["CPU"]
    preferences = bpy.context.preferences.addons["cycles"].preferences
    preferences.compute_device_type = backend
    refresh = getattr(preferences, "refresh_devices", None) or preferences.get_devices
    refresh()
    for device in preferences.devices:
        device.use = device.type == backend
    if not preferences.has_active_device():
        raise RuntimeError("no active device")
    scene.cycles.device = "GPU"
    return [device.name for device in preferences.devices if device.type == backend]

def prove(backend):
    began = time.perf_counter()
    scene = bpy.context.scene
    try:
        scene.render.engine = "CYCLES"
        scene.cycles.samples = 1
        if hasattr(scene.cycles, "use_denoising"):
            scene.cycles.use_denoising = False
        scene.render.resolution_x = scene.render.resolution_y = 32
        scene.render.resolution_percentage = 100
        scene.render.image_settings.file_format = "PNG"
        scene.render.filepath = os.path.join(tempfile.gettempdir(), "proof.png")
        names = use_backend(scene, backend)
        bpy.ops.render.render(write_still=True)
        picture = bpy.data.images.load(scene.render.filepath)
        # The first scene is a lit cube before a grey world: no pixel of it is black, and not all are the same.
        pixels = [value for index, value in enumerate(picture.pixels) if index % 4 < 3]
        if len(pixels) != 32 * 32 * 3 or not max(pixels) > min(pixels) or not max(pixels) > 0.02:
            raise RuntimeError("the picture is empty")
        emit("proved", backend=backend, works=True, devices=names, ms=(time.perf_counter() - began) * 1000)
    except Exception as error:
        emit("proved", backend=backend, works=False, devices=[], ms=(time.perf_counter() - began) * 1000, reason=str(error)[:300])
`

/** Proves the device of the config. */
export const proveConfigured = 'prove(CONFIG["backend"])\n'
