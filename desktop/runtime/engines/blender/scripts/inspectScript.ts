/** Tells what a scene is and what it links to. Runs after the scene was opened. Needs `linkedFilesScript` before it. */
export const inspectScript = String.raw`
scene = bpy.context.scene
render = scene.render

def wanted_denoiser():
    if render.engine != "CYCLES" or not scene.cycles.use_denoising:
        return None
    # A build without it does not even know the name: the number is kept.
    raw = scene.cycles.get("denoiser")
    return scene.cycles.denoiser or {1: "NLM", 2: "OPTIX"}.get(raw, "OPENIMAGEDENOISE")

def samples():
    if render.engine == "CYCLES":
        return scene.cycles.samples
    if render.engine.startswith("BLENDER_EEVEE"):
        return scene.eevee.taa_render_samples
    return None

def makes_pictures_without_camera():
    editor = scene.sequence_editor
    strips = render.use_sequencer and editor and (getattr(editor, "strips_all", None) or getattr(editor, "sequences_all", None))
    composed = render.use_compositing and (getattr(scene, "compositing_node_group", None) or (scene.use_nodes and scene.node_tree))
    return bool(strips or composed)

image = render.image_settings
emit("inspected", engine=render.engine, samples=samples(), denoiser=wanted_denoiser(),
     width=render.resolution_x * render.resolution_percentage // 100, height=render.resolution_y * render.resolution_percentage // 100,
     frameStart=scene.frame_start, frameEnd=scene.frame_end, frameStep=scene.frame_step,
     format=image.file_format, isMovie=bool(render.is_movie_format),
     camera=scene.camera is not None or makes_pictures_without_camera(), hasScripts=bool(bpy.app.autoexec_fail))
for index, entry in enumerate(linked_files()):
    emit("file", index=index, canMove=SETTERS[index] is not None, **entry)
emit("end")
`
