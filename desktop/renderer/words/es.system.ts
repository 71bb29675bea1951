import type { enSystem } from './en.system.ts'

/** The Spanish words about notices that the system shows. */
export const esSystem: typeof enSystem = {
  system: {
    title: 'Mostrar los avisos también en este equipo',
    off: 'Los avisos nuevos aparecen entonces junto a los de otros programas mientras esta página está abierta pero no delante. Está desactivado.',
    on: 'Los avisos nuevos aparecen junto a los de otros programas mientras esta página está abierta pero no delante.',
    blocked:
      'Este navegador no debe mostrar ninguno de esta página. Permite las notificaciones en sus ajustes para esta página y cárgala de nuevo.',
    cannot: 'Este navegador no muestra ninguno de esta página. Hace falta una página que venga por https o de este mismo equipo.',
    turnOn: 'Activar',
    turnOff: 'Desactivar',
  },
}
