import type { CheckCode } from '../rules/requirements.ts'

/** The English words of the checks a computer goes through: what is looked at, and what to do where it fails. */
export const checkWords: Record<CheckCode, { name: string; fix: string }> = {
  BLENDER_NOT_FOUND: { name: 'Blender', fix: 'Install Blender, or choose where it is.' },
  GPU_MISSING: { name: 'Graphics card', fix: 'No card that can render was found. Put one in, or install its driver.' },
  GPU_NOT_USABLE: { name: 'Blender sees the card', fix: 'Update the graphics driver, and use a Blender from blender.org.' },
  VRAM_TOO_SMALL: { name: 'Memory of the card', fix: 'Large scenes go to cards with more memory. A larger card gets more work.' },
  DRIVER_TOO_OLD: { name: 'Graphics driver', fix: 'Update the graphics driver.' },
  COMPUTE_CAPABILITY: { name: 'Compute capability', fix: 'The card is too old for the programs that render on it. Use a newer one.' },
  RAM_TOO_SMALL: { name: 'Memory', fix: 'Add memory: a scene needs it beside everything else that runs.' },
  DISK_TOO_SMALL: { name: 'Free disk', fix: 'Free some space, or move the data folder to a larger disk.' },
}
