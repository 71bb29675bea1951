"""Builds the demo scene: a wave rolling through a field of hexagonal pillars around a glossy sphere, as a loop of 8 frames.

Run by Blender 3.0 or newer; the result is committed beside this file, so that a first start needs no extra step:
    blender -b --factory-startup -P build/demo/makeDemoScene.py -- build/demo/demo.blend
No scripts, textures or add-ons inside: it renders the same everywhere, in a few seconds a frame on two CPU cores.
"""
import bpy
import math
import sys

FRAMES = 8
RINGS = 9
STEP = 0.5


def new_scene():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.name = "Pictor demo"
    scene.frame_start, scene.frame_end = 1, FRAMES
    scene.render.fps = 8
    return scene


def link(scene, name, data):
    thing = bpy.data.objects.new(name, data)
    scene.collection.objects.link(thing)
    return thing


def material(name, color, roughness, metallic=0.0, glow=0.0):
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    shader = made.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*color, 1)
    shader.inputs["Roughness"].default_value = roughness
    shader.inputs["Metallic"].default_value = metallic
    if glow:
        emission = shader.inputs.get("Emission Color") or shader.inputs["Emission"]
        emission.default_value = (*color, 1)
        shader.inputs["Emission Strength"].default_value = glow
    return made


def pillar_mesh():
    """A hexagonal prism, one unit tall, with a small bevel on its top."""
    corners, radius, bevel, height = [], STEP * 0.55, 0.05, 3.0
    for level_radius, level in ((radius, -height), (radius, -bevel), (radius - bevel, 0.0)):
        for side in range(6):
            angle = math.pi / 3 * side + math.pi / 6
            corners.append((level_radius * math.cos(angle), level_radius * math.sin(angle), level))
    faces = [tuple(range(12, 18))]
    for level in (0, 6):
        faces += [(level + s, level + (s + 1) % 6, level + 6 + (s + 1) % 6, level + 6 + s) for s in range(6)]
    mesh = bpy.data.meshes.new("Pillar")
    mesh.from_pydata(corners, [], faces)
    return mesh


def mix(first, second, amount):
    return tuple(a + (b - a) * amount for a, b in zip(first, second))


def palette(count):
    """From deep blue over violet to warm coral, as the wave rises outwards."""
    stops = [(0.95, 0.45, 0.18), (0.75, 0.10, 0.32), (0.22, 0.08, 0.50), (0.03, 0.12, 0.42), (0.02, 0.30, 0.45)]
    colors = []
    for index in range(count):
        place = index / (count - 1) * (len(stops) - 1)
        low = min(int(place), len(stops) - 2)
        colors.append(mix(stops[low], stops[low + 1], place - low))
    return colors


def key_wave(thing, distance, angle):
    for frame in range(1, FRAMES + 2):
        phase = 2 * math.pi * (frame - 1) / FRAMES
        swell = math.sin(distance * 1.55 - phase) * 0.34 + math.cos(3 * angle + phase) * 0.10
        thing.location.z = swell * min(1.0, distance / 1.2)
        thing.keyframe_insert("location", index=2, frame=frame)
    for curve in thing.animation_data.action.fcurves if hasattr(thing.animation_data.action, "fcurves") else []:
        for key in curve.keyframe_points:
            key.interpolation = "LINEAR"


def build_field(scene):
    meshes = []
    for index, color in enumerate(palette(RINGS + 1)):
        mesh = pillar_mesh()
        mesh.materials.append(material("Ring %d" % index, color, 0.32))
        meshes.append(mesh)
    for q in range(-RINGS, RINGS + 1):
        for r in range(-RINGS, RINGS + 1):
            ring = max(abs(q), abs(r), abs(q + r))
            if ring > RINGS:
                continue
            x, y = STEP * math.sqrt(3) * (q + r / 2) * 0.58, STEP * 1.5 * r * 0.58
            pillar = link(scene, "Pillar", meshes[ring])
            pillar.location.x, pillar.location.y = x, y
            key_wave(pillar, math.hypot(x, y), math.atan2(y, x))


def build_sphere(scene):
    bpy.ops.mesh.primitive_uv_sphere_add(segments=48, ring_count=24, radius=0.72, location=(0, 0, 1.05))
    sphere = bpy.context.object
    bpy.ops.object.shade_smooth()
    sphere.data.materials.append(material("Pearl", (0.98, 0.90, 0.78), 0.12, metallic=1.0))
    for frame in range(1, FRAMES + 2):
        sphere.location.z = 1.0 + 0.10 * math.sin(2 * math.pi * (frame - 1) / FRAMES)
        sphere.keyframe_insert("location", index=2, frame=frame)


def build_light(scene):
    world = bpy.data.worlds.new("Sky")
    world.use_nodes = True
    scene.world = world
    nodes, links = world.node_tree.nodes, world.node_tree.links
    # A gradient from a warm horizon to a cool zenith: much light, no noise.
    place, split = nodes.new("ShaderNodeTexCoord"), nodes.new("ShaderNodeSeparateXYZ")
    ramp = nodes.new("ShaderNodeValToRGB")
    stops = ramp.color_ramp.elements
    stops[0].position, stops[0].color = 0.0, (1.0, 0.50, 0.30, 1)
    stops[1].position, stops[1].color = 0.85, (0.10, 0.22, 0.62, 1)
    middle = stops.new(0.30)
    middle.color = (0.52, 0.30, 0.62, 1)
    links.new(place.outputs["Generated"], split.inputs[0])
    # The camera looks down a little: the gradient begins below the horizon, where the picture shows it.
    lift = nodes.new("ShaderNodeMath")
    lift.inputs[1].default_value = 0.42
    links.new(split.outputs["Z"], lift.inputs[0])
    links.new(lift.outputs[0], ramp.inputs[0])
    background = nodes["Background"]
    links.new(ramp.outputs[0], background.inputs["Color"])
    background.inputs["Strength"].default_value = 0.55
    sun = link(scene, "Sun", bpy.data.lights.new("Sun", "SUN"))
    sun.data.energy, sun.data.angle, sun.data.color = 3.4, 0.06, (1.0, 0.86, 0.70)
    sun.rotation_euler = (math.radians(52), math.radians(-8), math.radians(-52))


def build_camera(scene):
    camera = link(scene, "Camera", bpy.data.cameras.new("Camera"))
    camera.location = (0, -8.4, 3.6)
    camera.rotation_euler = (math.radians(70.5), 0, 0)
    camera.data.lens = 42
    scene.camera = camera


def set_render(scene):
    render = scene.render
    render.engine = "CYCLES"
    render.resolution_x, render.resolution_y, render.resolution_percentage = 480, 270, 100
    render.image_settings.file_format = "PNG"
    render.image_settings.color_mode = "RGB"
    render.filepath = "//renders/"
    cycles = scene.cycles
    cycles.samples = 16
    cycles.use_adaptive_sampling = False
    cycles.use_denoising = False
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 3, 1, 2
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 2.0
    cycles.blur_glossy = 1.0
    try:
        scene.view_settings.look = "Medium High Contrast"
    except TypeError:
        pass


def main():
    target = sys.argv[sys.argv.index("--") + 1]
    scene = new_scene()
    build_field(scene)
    build_sphere(scene)
    build_light(scene)
    build_camera(scene)
    set_render(scene)
    bpy.ops.outliner.orphans_purge(do_recursive=True)
    bpy.ops.wm.save_as_mainfile(filepath=target, compress=True, relative_remap=False)


main()
