import type { enMetrics } from './en.metrics.ts'

/** The Spanish words about what a worker measured, and where it stands. */
export const esMetrics: typeof enMetrics = {
  metrics: {
    title: 'Historial',
    what: 'Qué se muestra',
    load: 'Carga',
    memory: 'Memoria',
    temperature: 'Temperatura',
    power: 'Potencia',
    range: { hour: '1 h', day: '24 h', week: '7 d' },
    empty: 'No se midió nada en este tiempo.',
    away: 'Esto se guarda en el worker y ahora no se puede alcanzar.',
    zoomHelp: 'Ctrl y la rueda, o + y −, amplían.',
    fan: 'Ventilador {percent}',
    address: 'Dirección en sus redes',
    location: 'Lugar',
    locationNone: 'sin indicar',
    locationField: 'Dónde está, con tus palabras',
    locationChange: 'Cambiar',
    total: 'Estimado en total',
    walletNone: 'sin indicar todavía',
  },
}
