import type { enOwn } from './en.own.ts'

/** The Spanish words about the person's own things: settings and account. */
export const esOwn: typeof enOwn = {
  settings: {
    title: 'Ajustes',
    more: 'Idioma, tema y actualizaciones',
    line: 'Cómo se ve y se lee el panel en este navegador.',
    languageHelp: 'Palabras, números y horas. Cambia al momento.',
    systemLanguage: 'Como el sistema ({language})',
    themeHelp: 'Sistema sigue el día y la noche si el equipo lo hace.',
    zone: 'Zona horaria',
    zoneHelp: 'Las horas son las de este equipo. Los totales por día del resumen se cuentan en UTC.',
    machine: 'Este equipo',
    machineText: 'Blender, los límites y la carpeta de datos tienen su sitio en la página de este equipo.',
  },
  owner: {
    title: 'Cuenta',
    lineLocal: 'Este equipo trabaja solo para ti. No hace falta iniciar sesión.',
    who: 'Propietario',
    id: 'Id de la cuenta',
    wallet: 'Dirección de la cartera',
    walletHelp: 'Las ganancias se pagan a esta dirección. Déjala vacía mientras solo renderices para ti.',
    walletWrong: 'Una dirección empieza por 0x y sigue con hasta 64 caracteres entre 0-9 y a-f. Revísala e inténtalo de nuevo.',
    save: 'Guardar',
    saved: 'Guardado.',
    devices: 'Iniciar sesión en otro dispositivo',
    devicesText: 'Un enlace que inicia sesión una vez, en 15 minutos. Ábrelo allí y no se lo des a nadie más.',
    makeLink: 'Crear un enlace',
    export: 'Llévate tus datos',
    exportText: 'Todo lo de tu cuenta en un archivo JSON: workers, trabajos, tareas, ganancias, avisos, también los anteriores.',
    exportGo: 'Exportar todo',
    exporting: 'Reuniendo, {n} por ahora',
    exported: '{n} documento exportado. | {n} documentos exportados.',
    exportedPart:
      '{n} documento exportado. El servidor no lo dio todo: el archivo dice qué no está completo. | {n} documentos exportados. El servidor no lo dio todo: el archivo dice qué no está completo.',
  },
}
