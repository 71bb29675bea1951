import type { InjectionKey } from 'vue'

/** True where headers stand without the sync pill (the sign-in page). */
export const headerKey: InjectionKey<boolean> = Symbol('plain header')
