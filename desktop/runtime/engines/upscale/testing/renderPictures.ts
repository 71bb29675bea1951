import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import type { Planes } from './quality.ts'

/** Four scenes with what is hard to enlarge: procedural textures, bricks behind letters, many edges, thin wires. Needs only Blender. */
const script = `
import bpy, sys, math, random, mathutils
out, size, samples = sys.argv[-3], int(sys.argv[-2]), int(sys.argv[-1])
def clear():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    s = bpy.context.scene
    s.render.engine, s.cycles.samples, s.cycles.use_denoising, s.cycles.device, s.cycles.seed = 'CYCLES', samples, False, 'CPU', 1
    s.render.resolution_x = s.render.resolution_y = size
    s.render.resolution_percentage = 100
    s.render.image_settings.file_format, s.render.image_settings.color_mode, s.view_settings.view_transform = 'PNG', 'RGB', 'Standard'
    s.world = bpy.data.worlds.new('w')
    s.world.use_nodes = True
    s.world.node_tree.nodes['Background'].inputs[0].default_value = (0.6, 0.75, 1, 1)
    sun = bpy.data.objects.new('sun', bpy.data.lights.new('sun', 'SUN'))
    sun.data.energy, sun.rotation_euler = 3, (0.7, 0.3, 0.5)
    s.collection.objects.link(sun)
    return s
def camera(s, place, target=(0, 0, 0)):
    o = bpy.data.objects.new('c', bpy.data.cameras.new('c'))
    o.location = place
    o.rotation_euler = mathutils.Vector([b - a for a, b in zip(place, target)]).to_track_quat('-Z', 'Y').to_euler()
    s.collection.objects.link(o)
    s.camera = o
def material(kind, scale, a, b):
    m = bpy.data.materials.new(kind)
    m.use_nodes = True
    n, l = m.node_tree.nodes, m.node_tree.links
    t = n.new('ShaderNodeTex' + kind)
    t.inputs['Scale'].default_value = scale
    l.new(n.new('ShaderNodeTexCoord').outputs['Object'], t.inputs['Vector'])
    r = n.new('ShaderNodeValToRGB')
    r.color_ramp.elements[0].color, r.color_ramp.elements[1].color = (*a, 1), (*b, 1)
    l.new(t.outputs['Fac'] if 'Fac' in t.outputs else t.outputs[0], r.inputs[0])
    l.new(r.outputs[0], n['Principled BSDF'].inputs[0])
    return m
def add(operator, look, **how):
    operator(**how)
    bpy.context.object.data.materials.append(look)
    return bpy.context.object
def render(s, name):
    s.render.filepath = out + '/' + name + '.png'
    bpy.ops.render.render(write_still=True)
mesh = bpy.ops.mesh
s = clear()
add(mesh.primitive_plane_add, material('Checker', 4, (.8, .8, .75), (.15, .2, .25)), size=20, location=(0, 0, -1))
add(mesh.primitive_monkey_add, material('Voronoi', 6, (.8, .3, .1), (.9, .8, .5)))
bpy.ops.object.shade_smooth()
camera(s, (2.5, -3.5, 1.5))
render(s, 'monkey')
s = clear()
add(mesh.primitive_plane_add, material('Brick', 2, (.5, .2, .15), (.75, .7, .65)), size=12, rotation=(math.pi / 2, 0, 0), location=(0, 2, 0))
letters = material('Noise', 3, (.1, .1, .3), (.9, .9, .2))
for i, text in enumerate(('PICTOR', 'RENDER 42', 'upscale')):
    bpy.ops.object.text_add(location=(-2, 0, 1.2 - i * 1.1), rotation=(math.pi / 2, 0, 0))
    bpy.context.object.data.body, bpy.context.object.data.extrude = text, .06
    bpy.context.object.data.materials.append(letters)
camera(s, (0.6, -6.5, 0.6), (0, 0, 0.3))
render(s, 'text')
s = clear()
random.seed(3)
some = lambda: tuple(random.random() for _ in range(3))
for i in range(60):
    look = material(random.choice(['Wave', 'Checker', 'Noise']), random.uniform(2, 8), some(), some())
    place, turn = tuple(random.uniform(-2.5, 2.5) for _ in range(3)), tuple(random.uniform(0, 3) for _ in range(3))
    add(mesh.primitive_cube_add, look, size=random.uniform(.3, .9), location=place, rotation=turn)
camera(s, (5, -6, 3))
render(s, 'cubes')
s = clear()
ball = add(mesh.primitive_ico_sphere_add, material('Wave', 5, (.05, .3, .1), (.7, .9, .4)), subdivisions=3, radius=1.6)
ball.modifiers.new('w', 'WIREFRAME').thickness = .05
add(mesh.primitive_torus_add, material('Noise', 8, (.8, .1, .2), (.95, .9, .9)), major_radius=1, minor_radius=.35)
camera(s, (0, -5, 2))
render(s, 'wire')
`

const names = ['monkey', 'text', 'cubes', 'wire']

/** Renders the pictures with the Blender on PATH (or PICTOR_BLENDER), `size` pixels square. Rejects when there is none. */
export async function renderPictures(folder: string, size: number, samples: number): Promise<Array<{ name: string; path: string }>> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'pictures.py')
  await writeFile(file, script)
  const args = ['-b', '--factory-startup', '--python-exit-code', '1', '-P', file, '--', folder, String(size), String(samples)]
  await promisify(execFile)(process.env['PICTOR_BLENDER'] ?? 'blender', args, { timeout: 600_000, maxBuffer: 64 * 1024 * 1024 })
  return names.map((name) => ({ name, path: join(folder, `${name}.png`) }))
}

export async function readPlanes(path: string): Promise<Planes> {
  const { data, info } = await sharp(path).removeAlpha().toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
  const pixels = info.width * info.height
  const planes = new Float32Array(3 * pixels)
  for (let at = 0; at < pixels; at += 1) for (let plane = 0; plane < 3; plane += 1) planes[plane * pixels + at] = data[at * 3 + plane] ?? 0
  return { data: planes, width: info.width, height: info.height }
}

export async function writePlanes(path: string, { data, width, height }: Planes): Promise<void> {
  const pixels = width * height
  const bytes = Buffer.alloc(3 * pixels)
  for (let at = 0; at < pixels; at += 1) for (let plane = 0; plane < 3; plane += 1) bytes[at * 3 + plane] = data[plane * pixels + at] ?? 0
  await sharp(bytes, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(path)
}
