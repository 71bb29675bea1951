import type { enVideo } from './en.video.ts'

/** The Spanish words about an animation as a film. */
export const esVideo: typeof enVideo = {
  video: {
    show: 'Ver como película',
    hide: 'Ocultar la película',
    play: 'Reproducir',
    pause: 'Pausa',
    loop: 'Repetir una y otra vez',
    place: 'Punto de la película',
    speed: 'Velocidad',
    fps: 'Fotogramas por segundo',
    perSecond: '{n} fps',
    save: 'Guardar como vídeo',
    saveHelp: 'Se hace en este navegador con los fotogramas aceptados. Tarda más o menos lo que dura la película.',
    saving: '{done} de {total}',
    cannot: 'Este navegador no puede escribir vídeos. Descarga todos los fotogramas o usa Chrome, Edge o Firefox.',
    failed: 'No se pudo hacer el vídeo: no se pudo leer ninguna imagen. Inténtalo de nuevo cuando el servidor responda.',
    missing: 'No se pudo leer {n} imagen y no está en el vídeo. | No se pudieron leer {n} imágenes y no están en el vídeo.',
  },
}
