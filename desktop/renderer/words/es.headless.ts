import type { enHeadless } from './en.headless.ts'

/** The Spanish words about workers without a screen: how they are set up and kept up to date. */
export const esHeadless: typeof enHeadless = {
  headless: {
    update: 'Actualizar',
    updateHint: 'Busca una versión nueva y la instala al terminar el fotograma en curso.',
    updating: '{n} worker busca una versión nueva. | {n} workers buscan una versión nueva.',
    title: 'Programa',
    auto: 'Actualizarse solo',
    channel: 'Versiones',
    image: 'Funciona en un contenedor: se sustituye junto con su imagen.',
    notWritable: 'Su carpeta es de otro usuario, así que no puede sustituirse. Instálalo de nuevo con pictor worker install.',
    notPackaged: 'No se inició desde un paquete sin pantalla, así que no se actualiza solo.',
    where: 'Dónde funcionará',
    installed: 'Instalado',
    package: 'Linux, sin instalar',
    docker: 'Docker',
    service: 'Como servicio',
    packageHelp: 'Antes, lleva allí el paquete sin pantalla; trae todo lo necesario salvo Blender.',
    dockerHelp:
      'La imagen se construye una vez desde el repositorio, según su guía de Docker. Para tarjetas NVIDIA construye nvidia y añade --gpus all.',
    serviceHelp: 'Arranca con el equipo, como un usuario propio sin permisos.',
  },
}
