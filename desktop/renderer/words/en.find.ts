/** The English words about finding one's way: the command palette, supported software. */
export const enFind = {
  palette: {
    title: 'Go to or do',
    open: 'Search',
    placeholder: 'Search workers, jobs, pages and actions',
    none: 'Nothing is called that.',
    found: '{n} found',
    groups: { pages: 'Pages', actions: 'Actions', workers: 'Workers', jobs: 'Jobs' },
    theme: 'Theme: {theme}',
    language: 'Language: {language}',
    here: 'This computer: {action}',
    pauseAfterFrame: 'Pause after this frame',
    pauseHour: 'Pause for 1 hour',
    pauseTomorrow: 'Pause until tomorrow',
  },
  software: {
    onlyFound: 'Found, not used for rendering.',
    title: 'Supported software',
    line: 'What your workers really found on their computers.',
    empty: 'Nothing was found yet',
    emptyText: 'As soon as a worker is set up, the programs it found stand here, with what they can render.',
    columns: { program: 'Program', engines: 'Engines', devices: 'Devices', denoisers: 'Denoisers', workers: 'Workers' },
    network: 'Scenes saved with Blender 2.83 to 5.1 are understood. A worker needs a Blender at least as new as the scene.',
  },
  zip: {
    download: 'Download all',
    working: '{done} of {total}',
    missing: '{n} picture could not be read and is not in the file. | {n} pictures could not be read and are not in the file.',
  },
  pwa: { newVersion: 'A new version of the dashboard is ready.', reload: 'Reload' },
}
