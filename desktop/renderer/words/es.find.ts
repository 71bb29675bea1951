import type { enFind } from './en.find.ts'

/** The Spanish words about finding one's way: the command palette, supported software. */
export const esFind: typeof enFind = {
  palette: {
    title: 'Ir o hacer',
    open: 'Buscar',
    placeholder: 'Buscar workers, trabajos, páginas y acciones',
    none: 'Nada se llama así.',
    found: 'Encontrados: {n}',
    groups: { selection: 'Workers seleccionados', pages: 'Páginas', actions: 'Acciones', workers: 'Workers', jobs: 'Trabajos' },
    theme: 'Tema: {theme}',
    language: 'Idioma: {language}',
    here: 'Este equipo: {action}',
    pauseAfterFrame: 'Pausar tras este fotograma',
    pauseHour: 'Pausar durante 1 hora',
    pauseTomorrow: 'Pausar hasta mañana',
  },
  software: {
    onlyFound: 'Encontrado; no se usa para renderizar.',
    title: 'Software compatible',
    line: 'Lo que tus workers encontraron en sus equipos, y cuántos equipos de la red lo tienen.',
    empty: 'Aún no se ha encontrado nada',
    emptyText: 'En cuanto se configura un worker, aquí están los programas que encontró y lo que pueden renderizar.',
    columns: {
      program: 'Programa',
      engines: 'Motores',
      devices: 'Dispositivos',
      denoisers: 'Reductores de ruido',
      workers: 'Tus workers',
      network: 'Red',
    },
    networkHelp: 'Red: equipos conectados de todos los propietarios que lo tienen.',
    networkAway: 'Lo que tiene la red no se sabe mientras no se llega al servidor.',
    scenes: 'Se entienden escenas guardadas con Blender 2.83 a 5.2. Un worker necesita un Blender al menos tan nuevo como la escena.',
  },
  zip: {
    download: 'Descargar todo',
    working: '{done} de {total}',
    missing: '{n} imagen no se pudo leer y no está en el archivo. | {n} imágenes no se pudieron leer y no están en el archivo.',
  },
  pwa: { newVersion: 'Hay una nueva versión del panel lista.', reload: 'Recargar' },
}
