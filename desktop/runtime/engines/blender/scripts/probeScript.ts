/** Says what a Blender can do. Runs without a scene, after `proofScript`: where there is only the processor it is proven in the same start. */
export const probeScript = String.raw`
def probe():
    engines = {engine.bl_idname for engine in bpy.types.RenderEngine.__subclasses__() if hasattr(engine, "bl_idname")}
    engines.add("BLENDER_WORKBENCH")
    scene = bpy.context.scene
    for name in ("BLENDER_EEVEE", "BLENDER_EEVEE_NEXT"):
        try:
            scene.render.engine = name
            engines.add(name)
        except TypeError:
            pass
    devices, denoisers = [], []
    try:
        import _cycles
        if "CYCLES" in engines:
            kinds = {device[1] for device in _cycles.available_devices("CPU")}
            for backend in ("OPTIX", "CUDA", "HIP", "ONEAPI", "METAL"):
                try:
                    kinds |= {device[1] for device in _cycles.available_devices(backend)}
                except Exception:
                    pass
            devices = sorted(kinds)
        if getattr(_cycles, "with_openimagedenoise", False):
            denoisers.append("OPENIMAGEDENOISE")
        if "OPTIX" in devices:
            denoisers.append("OPTIX")
    except ImportError:
        pass
    emit("probed", version=".".join(str(part) for part in bpy.app.version), engines=sorted(engines), devices=devices,
         denoisers=denoisers, buildHash=bpy.app.build_hash.decode("ascii", "replace"))
    if devices == ["CPU"]:
        prove("CPU")

probe()
`
