const names: Record<string, string> = {
  CYCLES: 'Cycles',
  BLENDER_EEVEE: 'EEVEE',
  BLENDER_EEVEE_NEXT: 'EEVEE',
  BLENDER_WORKBENCH: 'Workbench',
  ESRGAN_SLIM_2X: 'ESRGAN slim ×2',
  ESRGAN_MEDIUM_4X: 'ESRGAN medium ×4',
}

/** Blender's own identifier of a render engine or ours of an upscaler, as people say it; an add-on's engine keeps its identifier. */
export const engineName = (id: string): string => names[id] ?? id
