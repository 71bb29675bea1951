/** Tells what a scene is and what it links to. Runs after the scene was opened. Needs `linkedFilesScript` and `sceneFactsScript` before it. */
export const inspectScript = String.raw`
image = render.image_settings
emit("inspected", engine=render.engine, samples=samples_of_scene(), layerSamples=samples_of_layers(), denoiser=wanted_denoiser(),
     width=render.resolution_x * render.resolution_percentage // 100, height=render.resolution_y * render.resolution_percentage // 100,
     crop=crop(), views=views(), frameStart=scene.frame_start, frameEnd=scene.frame_end, frameStep=scene.frame_step,
     format=image.file_format, isMovie=bool(render.is_movie_format),
     camera=scene.camera is not None or makes_pictures_without_camera(), hasScripts=bool(bpy.app.autoexec_fail))
for index, entry in enumerate(linked_files()):
    emit("file", index=index, canMove=SETTERS[index] is not None, **entry)
emit("end")
`
