const names: Record<string, string> = {
  CYCLES: 'Cycles',
  BLENDER_EEVEE: 'EEVEE',
  BLENDER_EEVEE_NEXT: 'EEVEE',
  BLENDER_WORKBENCH: 'Workbench',
}

/** Blender's own identifier of a render engine, as people say it; an add-on's engine keeps its identifier. */
export const engineName = (id: string): string => names[id] ?? id
