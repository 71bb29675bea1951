import { checkWords } from '#shared/words/checks.en.ts'

/** The English words about the machine itself: its preferences, checks and measurements. Spread into `en.ts`; other languages in `<language>.machine.ts`. */
export const enMachine = {
  /** Sentences of status reasons that concern the machine: what is so, why, what to do. */
  reason: {
    FULL_SCREEN: 'Paused: a program fills the screen. Resumes when it is closed or leaves full screen.',
    CPU_BUSY: 'Paused: other programs use the processor. Resumes when they are done.',
    GPU_BUSY: 'Paused: other programs use the graphics card. Resumes when they are done.',
    METERED: 'Paused: the network is metered. Resumes on another network.',
    REPEATED_FAILURES: 'Paused: several tasks failed here one after another. It tries again by itself; look at the log of the last task.',
    SLEEP: 'The computer slept in the middle of a task. It goes on where it was; keep it awake while it renders.',
    GPU_NOT_USABLE: 'Blender does not see the graphics card ({found}). Update its driver, and use a Blender from blender.org.',
    DRIVER_LOST: 'The graphics card or its driver went away in the middle of a task. Check the driver, then restart the computer.',
  },
  timeline: {
    title: 'What it did',
    empty: 'Nothing was noted yet.',
    away: 'This is kept at the worker and cannot be reached at the moment.',
    lasted: 'for {time}',
    now: 'now',
  },
  checks: {
    title: 'Checks',
    line: 'This computer can work.',
    lineFail: 'This computer cannot work yet.',
    waiting: 'Blender is being asked what it can do.',
    state: { pass: 'passes', advice: 'below what the network asks for', fail: 'must be mended', unknown: 'not known' },
    wanted: '{wanted} needed',
    rows: checkWords,
  },
}
