/**
 * The path of a file of ours for other programs, Blender above all: in the packaged app our code lies in an archive that only Electron looks into, and
 * what is needed outside lies beside it (`asarUnpack` in electron-builder.yml). Elsewhere the path stays as it is.
 */
export const outsideArchive = (path: string): string => path.replace(/(?<=[\\/])app\.asar(?=[\\/])/, 'app.asar.unpacked')
