/** Questions about the active scene that inspection and rendering must answer alike. */
export const sceneFactsScript = String.raw`
scene = bpy.context.scene
render = scene.render

def compositor():
    if not render.use_compositing:
        return None
    # Since 5.0 the compositor is a node group like others, and no scene has a tree of its own.
    if hasattr(scene, "compositing_node_group"):
        return scene.compositing_node_group
    return scene.node_tree if scene.use_nodes else None

def makes_pictures_without_camera():
    editor = scene.sequence_editor if render.use_sequencer else None
    strips = editor and (getattr(editor, "strips_all", None) or getattr(editor, "sequences_all", None))
    return bool(strips or compositor())

def samples_of_scene():
    if render.engine == "CYCLES":
        return scene.cycles.samples
    if render.engine.startswith("BLENDER_EEVEE"):
        return scene.eevee.taa_render_samples
    return None

def samples_of_layers():
    # A layer may have samples of its own (0: the scene's); each layer is rendered by itself.
    layers = [layer for layer in scene.view_layers if layer.use]
    own = [int(getattr(layer, "samples", 0)) if render.engine == "CYCLES" else 0 for layer in layers]
    return own if len(own) > 1 or any(own) else []

def crop():
    if not (render.use_border and render.use_crop_to_border):
        return None
    return {"left": render.border_min_x, "right": render.border_max_x, "bottom": render.border_min_y, "top": render.border_max_y}

def used_views():
    if not render.use_multiview:
        return []
    eyes = ("left", "right")
    return [view for view in render.views if view.use and (render.views_format != "STEREO_3D" or view.name in eyes)]

def views():
    count, image = len(used_views()), render.image_settings
    stereo = image.stereo_3d_format
    return None if count < 2 else {"count": count, "format": image.views_format, "layout": stereo.display_mode,
                                   "squeezed": bool(stereo.use_squeezed_frame)}

def composes_with_denoiser():
    tree = compositor()
    trees = [tree] + list(bpy.data.node_groups) if tree else []
    return any(node.bl_idname == "CompositorNodeDenoise" and not node.mute for one in trees for node in one.nodes)

def denoises(layer):
    # Up to 2.83 each layer says it; since 2.90 the scene does, and a layer may still say no.
    by_scene = hasattr(scene.cycles, "use_denoising")
    return (not by_scene or scene.cycles.use_denoising) and getattr(layer.cycles, "use_denoising", by_scene)

def wanted_denoiser():
    layers = [layer for layer in scene.view_layers if layer.use and render.engine == "CYCLES" and denoises(layer)]
    if layers:
        if any(getattr(layer.cycles, "use_optix_denoising", False) for layer in layers):
            return "OPTIX"
        # A build without it does not even know the name: only the number is kept, 2 for OptiX.
        raw = scene.cycles.get("denoiser")
        name = getattr(scene.cycles, "denoiser", "NLM") or {2: "OPTIX"}.get(raw, "OPENIMAGEDENOISE")
        # Cycles' own denoiser, up to 2.93, is in every build.
        if name != "NLM":
            return name
    return "OPENIMAGEDENOISE" if composes_with_denoiser() else None
`
