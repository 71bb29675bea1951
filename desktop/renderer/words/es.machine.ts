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
    DRIVER_LOST: 'La tarjeta gráfica o su controlador desapareció en medio de una tarea. Compruebe el controlador y reinicie el equipo.',
  },
  timeline: {
    title: 'Qué ha hecho',
    empty: 'Aún no hay nada anotado.',
    away: 'Esto se guarda en el equipo de trabajo y ahora no se puede alcanzar.',
    lasted: 'durante {time}',
    now: 'ahora',
  },
}
