const engines: Record<string, string> = {
  CYCLES: 'Cycles',
  BLENDER_EEVEE: 'EEVEE',
  BLENDER_EEVEE_NEXT: 'EEVEE',
  BLENDER_WORKBENCH: 'Workbench',
  ESRGAN_SLIM_2X: 'ESRGAN slim ×2',
  ESRGAN_MEDIUM_4X: 'ESRGAN medium ×4',
}
/** What renders and what removes noise; the others (CPU, CUDA, HIP) are written as they are said. */
const devices: Record<string, string> = {
  METAL: 'Metal',
  ONEAPI: 'oneAPI',
  OPENIMAGEDENOISE: 'OpenImageDenoise',
  OPTIX: 'OptiX',
}

/** Blender's own identifier of a render engine or ours of an upscaler, as people say it; an add-on's engine keeps its identifier. */
export const engineName = (id: string): string => engines[id] ?? id

/** Blender's own identifier of a compute backend or of a denoiser, as its maker writes it. */
export const deviceName = (id: string): string => devices[id] ?? id
