/** Names the scene below; it changes with whatever changes the work in it. Results of different scenes are not compared. */
export const benchSceneName = 'pictor-bench-1'
export const benchSize = { width: 640, height: 360 } as const
/** Still pictures of the same thing; as many as a bench may want runs. */
export const benchFrames = 20

/**
 * Builds the bench scene and saves it: a grid of spheres of three materials (matt, metal, glass) over a floor under a sky and an area light. It is
 * about as deep and as bright as what people send, needs no file beside it, and fits into 1 GiB of a card. Runs in any Blender from 2.83 on.
 */
export const benchSceneScript = String.raw`
bpy.ops.wm.read_factory_settings(use_empty=True)
scene = bpy.context.scene
render = scene.render
render.engine = "CYCLES"
render.resolution_x, render.resolution_y, render.resolution_percentage = CONFIG["width"], CONFIG["height"], 100
scene.frame_start, scene.frame_end = 1, CONFIG["frames"]

def link(name, data):
    thing = bpy.data.objects.new(name, data)
    scene.collection.objects.link(thing)
    return thing

def material(name, shader_type, color, **inputs):
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    nodes = made.node_tree.nodes
    nodes.remove(nodes["Principled BSDF"])
    shader = nodes.new(shader_type)
    shader.inputs["Color"].default_value = (*color, 1)
    for key, value in inputs.items():
        shader.inputs[key].default_value = value
    made.node_tree.links.new(shader.outputs["BSDF"], nodes["Material Output"].inputs["Surface"])
    return made

def sphere(name, rings, surface):
    import math
    points, faces = [], []
    for ring in range(rings + 1):
        for side in range(rings * 2):
            up, turn = math.pi * ring / rings, math.pi * side / rings
            points.append((math.sin(up) * math.cos(turn), math.sin(up) * math.sin(turn), math.cos(up)))
    for ring in range(rings):
        for side in range(rings * 2):
            beside = (side + 1) % (rings * 2)
            faces.append((ring * rings * 2 + side, ring * rings * 2 + beside, (ring + 1) * rings * 2 + beside, (ring + 1) * rings * 2 + side))
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(points, [], faces)
    mesh.materials.append(surface)
    return mesh

meshes = [
    sphere("Matt", 64, material("Matt", "ShaderNodeBsdfDiffuse", (0.7, 0.2, 0.1))),
    sphere("Metal", 64, material("Metal", "ShaderNodeBsdfGlossy", (0.9, 0.8, 0.6), Roughness=0.2)),
    sphere("Glass", 64, material("Glass", "ShaderNodeBsdfGlass", (0.9, 0.95, 1.0), Roughness=0.0)),
]
for x in range(-6, 7):
    for y in range(-4, 9):
        ball = link("Ball", meshes[(x * 2 + y) % 3])
        ball.location = (x * 1.1, y * 1.1, 0.5)
        ball.scale = (0.5, 0.5, 0.5)
floor = bpy.data.meshes.new("Floor")
floor.from_pydata([(-60, -60, 0), (60, -60, 0), (60, 60, 0), (-60, 60, 0)], [], [(0, 1, 2, 3)])
floor.materials.append(material("Floor", "ShaderNodeBsdfDiffuse", (0.5, 0.5, 0.5)))
link("Floor", floor)
lamp = link("Lamp", bpy.data.lights.new("Lamp", "AREA"))
lamp.data.energy, lamp.data.size, lamp.location = 900, 4, (4, -5, 8)
lamp.rotation_euler = (0.7, 0.4, 0.3)
world = bpy.data.worlds.new("Sky")
world.use_nodes = True
world.node_tree.nodes["Background"].inputs["Color"].default_value = (0.35, 0.5, 0.8, 1)
scene.world = world
camera = link("Camera", bpy.data.cameras.new("Camera"))
camera.location, camera.rotation_euler = (0, -10, 4.2), (1.22, 0, 0)
scene.camera = camera
cycles = scene.cycles
cycles.samples = 4
cycles.use_adaptive_sampling = False
cycles.use_denoising = False
cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces, cycles.transmission_bounces = 8, 4, 4, 8
cycles.seed = 1
render.image_settings.file_format = "PNG"
bpy.ops.wm.save_as_mainfile(filepath=CONFIG["file"], compress=False)
emit("saved", file=CONFIG["file"])
`
