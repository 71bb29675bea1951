/** Programs by their kind in a node's document, as their makers write them: the same in every language. */
export const programNames: Readonly<Record<string, string>> = {
  blender: 'Blender',
  upscale: 'ONNX Runtime',
  maya: 'Autodesk Maya',
  '3dsmax': 'Autodesk 3ds Max',
  cinema4d: 'Cinema 4D',
  houdini: 'Houdini',
  unreal: 'Unreal Engine',
  unity: 'Unity',
  modo: 'Modo',
  katana: 'Katana',
}
