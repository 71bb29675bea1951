import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

/** Which scene or pictures the user is handing in; the dialog that does it floats above every page. */
export const useSubmit = defineStore('submit', () => {
  const file = shallowRef<File | null>(null)
  /** Pictures that are to be upscaled. */
  const pictures = shallowRef<readonly File[] | null>(null)
  /** Takes a scene, or pictures; false when it is neither. */
  function take(files: readonly File[]): boolean {
    const scene = files.find(({ name }) => /\.blend$/i.test(name))
    const images = files.filter((one) => /^image\//.test(one.type) || /\.(png|jpe?g|webp|exr|tiff?)$/i.test(one.name))
    if (scene) file.value = scene
    else if (images.length > 0) pictures.value = images
    return scene !== undefined || images.length > 0
  }
  /** Asks the browser's file dialog for a scene or pictures. */
  function choose(): void {
    const input = document.createElement('input')
    input.type = 'file'
    input.accept = '.blend,.png,.jpg,.jpeg,.webp'
    input.multiple = true
    input.onchange = () => void take([...(input.files ?? [])])
    input.click()
  }
  function close(): void {
    file.value = null
    pictures.value = null
  }
  return { file, pictures, take, choose, close }
})
