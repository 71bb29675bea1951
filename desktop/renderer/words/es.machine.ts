import type { enMachine } from './en.machine.ts'

/** The Spanish words about the machine itself; the same keys as in English. */
export const esMachine: typeof enMachine = {
  reason: {
    FULL_SCREEN: 'En pausa: un programa ocupa toda la pantalla. Se reanuda cuando se cierra o deja la pantalla completa.',
    CPU_BUSY: 'En pausa: otros programas usan el procesador. Se reanuda cuando terminan.',
    GPU_BUSY: 'En pausa: otros programas usan la tarjeta gráfica. Se reanuda cuando terminan.',
    METERED: 'En pausa: la red es de uso medido. Se reanuda en otra red.',
    REPEATED_FAILURES:
      'En pausa: varias tareas seguidas fallaron aquí. Lo intenta de nuevo por sí solo; mire el registro de la última tarea.',
    SLEEP: 'El equipo se suspendió en medio de una tarea. Continúa donde estaba; manténgalo encendido mientras renderiza.',
    GPU_NOT_USABLE: 'Blender no ve la tarjeta gráfica ({found}). Actualice su controlador y use un Blender de blender.org.',
    DRIVER_LOST: 'La tarjeta gráfica o su controlador desapareció en medio de una tarea. Compruebe el controlador y reinicie el equipo.',
  },
  timeline: {
    title: 'Qué ha hecho',
    empty: 'Aún no hay nada anotado.',
    away: 'Esto se guarda en el equipo de trabajo y ahora no se puede alcanzar.',
    lasted: 'durante {time}',
    now: 'ahora',
  },
  checks: {
    title: 'Comprobaciones',
    line: 'Este equipo puede trabajar.',
    lineFail: 'Este equipo aún no puede trabajar.',
    waiting: 'Se está preguntando a Blender qué puede hacer.',
    state: { pass: 'cumple', advice: 'por debajo de lo que pide la red', fail: 'hay que corregirlo', unknown: 'no se sabe' },
    wanted: 'se necesita {wanted}',
    rows: {
      BLENDER_NOT_FOUND: { name: 'Blender', fix: 'Instale Blender o indique dónde está.' },
      GPU_MISSING: { name: 'Tarjeta gráfica', fix: 'No se encontró ninguna tarjeta que pueda renderizar. Instale una o su controlador.' },
      GPU_NOT_USABLE: { name: 'Blender ve la tarjeta', fix: 'Actualice el controlador gráfico y use un Blender de blender.org.' },
      VRAM_TOO_SMALL: {
        name: 'Memoria de la tarjeta',
        fix: 'Las escenas grandes van a tarjetas con más memoria. Una tarjeta mayor recibe más trabajo.',
      },
      DRIVER_TOO_OLD: { name: 'Controlador gráfico', fix: 'Actualice el controlador gráfico.' },
      COMPUTE_CAPABILITY: {
        name: 'Capacidad de cómputo',
        fix: 'La tarjeta es demasiado antigua para los programas que renderizan en ella. Use una más nueva.',
      },
      RAM_TOO_SMALL: { name: 'Memoria', fix: 'Añada memoria: una escena la necesita además de todo lo demás.' },
      DISK_TOO_SMALL: { name: 'Disco libre', fix: 'Libere espacio o mueva la carpeta de datos a un disco mayor.' },
    },
  },
}
