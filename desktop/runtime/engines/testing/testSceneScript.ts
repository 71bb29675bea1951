/** Builds a scene from scratch by options and saves it; runs in any Blender from 2.83 on. */
export const testSceneScript = String.raw`
options = CONFIG["options"]
bpy.ops.wm.read_factory_settings(use_empty=True)
scene = bpy.context.scene
render = scene.render
render.resolution_x, render.resolution_y, render.resolution_percentage = options["width"], options["height"], 100
scene.frame_start, scene.frame_end = 1, options["frames"]

def link(name, data):
    thing = bpy.data.objects.new(name, data)
    scene.collection.objects.link(thing)
    return thing

def cube_mesh():
    mesh = bpy.data.meshes.new("Cube")
    corners = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    mesh.from_pydata(corners, [], faces)
    layer = mesh.uv_layers.new()
    for index, loop in enumerate(layer.data):
        loop.uv = ((index % 4) in (1, 2), (index % 4) in (2, 3))
    return mesh

def material():
    made = bpy.data.materials.new("Surface")
    made.use_nodes = True
    # The default shader takes a minute to compile where a display is only simulated.
    nodes = made.node_tree.nodes
    nodes.remove(nodes["Principled BSDF"])
    shader = nodes.new("ShaderNodeBsdfDiffuse")
    shader.inputs["Color"].default_value = (0.8, 0.3, 0.1, 1)
    made.node_tree.links.new(shader.outputs["BSDF"], nodes["Material Output"].inputs["Surface"])
    texture = options.get("texture")
    if texture:
        node = made.node_tree.nodes.new("ShaderNodeTexImage")
        if texture["exists"]:
            image = bpy.data.images.new("Texture", 8, 8)
            image.pixels = [((index // 4) % 8) / 8 if index % 4 < 3 else 1.0 for index in range(8 * 8 * 4)]
            os.makedirs(os.path.dirname(texture["absolute"]), exist_ok=True)
            image.filepath_raw = texture["absolute"]
            image.file_format = "PNG"
            image.save()
        else:
            image = bpy.data.images.new("Texture", 8, 8)
        image.source = "FILE"
        if texture["packed"]:
            image.pack()
            os.remove(texture["absolute"])
        image.filepath = texture["path"]
        node.image = image
        made.node_tree.links.new(node.outputs["Color"], shader.inputs["Color"])
    return made

cube = link("Cube", cube_mesh())
cube.data.materials.append(material())
for frame, angle in ((1, 0.0), (options["frames"] + 1, 1.5)):
    cube.rotation_euler = (0.2, 0.1, angle)
    cube.keyframe_insert("rotation_euler", frame=frame)
sun = link("Sun", bpy.data.lights.new("Sun", "SUN"))
sun.data.energy = 3
sun.rotation_euler = (0.6, 0.3, 0)
if options["camera"]:
    camera = link("Camera", bpy.data.cameras.new("Camera"))
    camera.location, camera.rotation_euler = (0, -6, 2.2), (1.25, 0, 0)
    scene.camera = camera
scene.world = bpy.data.worlds.new("World")
scene.world.color = (0.1, 0.15, 0.25)

try:
    render.engine = options["engine"]
except TypeError:
    # From 4.2 to 4.5 EEVEE had another name.
    render.engine = options["engine"] + "_NEXT"
if hasattr(scene, "cycles"):
    scene.cycles.samples = options["samples"]
    scene.cycles.use_adaptive_sampling = False
    scene.cycles.use_denoising = options["denoise"]
    # The light bounces until the work is about what was asked for.
    scene.cycles.max_bounces = 4
if hasattr(scene, "eevee"):
    scene.eevee.taa_render_samples = options["samples"]
if options["library"]:
    path = options["library"]["absolute"]
    prop = bpy.data.objects.new("Prop", cube.data.copy())
    bpy.data.libraries.write(path, {prop}, fake_user=True)
    bpy.data.objects.remove(prop)
    with bpy.data.libraries.load(path, link=True) as (source, target):
        target.objects = ["Prop"]
    scene.collection.objects.link(target.objects[0])
    bpy.data.libraries[0].filepath = options["library"]["path"]
if options["script"]:
    text = bpy.data.texts.new("hostile.py")
    text.write(options["script"])
    text.use_module = True
for index, own in enumerate(options.get("layers") or []):
    layer = scene.view_layers[0] if index == 0 else scene.view_layers.new("Layer %d" % index)
    layer.samples = own
if options["stereo"]:
    render.use_multiview = True
if options.get("crop"):
    render.use_border = render.use_crop_to_border = True
    render.border_min_x, render.border_max_x, render.border_min_y, render.border_max_y = options["crop"]

def compositor():
    """The tree that makes the picture, and what feeds it and takes it from it."""
    if hasattr(scene, "compositing_node_group"):
        tree = bpy.data.node_groups.new("Compositor", "CompositorNodeTree")
        tree.interface.new_socket(name="Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        scene.compositing_node_group = tree
        output = tree.nodes.new("NodeGroupOutput")
    else:
        scene.use_nodes = True
        tree = scene.node_tree
        output = tree.nodes.new("CompositorNodeComposite")
    return tree, tree.nodes.new("CompositorNodeRLayers").outputs["Image"], output.inputs["Image"]

if options["denoiseNode"]:
    tree, rendered, picture = compositor()
    denoise = tree.nodes.new("CompositorNodeDenoise")
    tree.links.new(rendered, denoise.inputs["Image"])
    tree.links.new(denoise.outputs["Image"], picture)
if options["fileOutput"]:
    tree, rendered, picture = compositor()
    files = tree.nodes.new("CompositorNodeOutputFile")
    if hasattr(files, "file_output_items"):
        files.directory, files.file_name = options["fileOutput"], "Image"
        files.file_output_items.new("RGBA", "Image")
    else:
        files.base_path = options["fileOutput"]
    tree.links.new(rendered, picture)
    tree.links.new(rendered, files.inputs[0])

image = render.image_settings
if hasattr(image, "media_type"):
    image.media_type = {"FFMPEG": "VIDEO", "OPEN_EXR_MULTILAYER": "MULTI_LAYER_IMAGE"}.get(options["format"], "IMAGE")
image.file_format = options["format"]
render.filepath = "//renders/"
bpy.ops.wm.save_as_mainfile(filepath=options["file"], compress=options["compress"], relative_remap=False)
emit("saved", file=options["file"])
`
