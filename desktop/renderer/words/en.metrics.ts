/** The English words about what a worker measured, and where it stands. */
export const enMetrics = {
  metrics: {
    title: 'History',
    what: 'What is shown',
    load: 'Load',
    memory: 'Memory',
    temperature: 'Temperature',
    power: 'Power',
    range: { hour: '1 h', day: '24 h', week: '7 d' },
    empty: 'Nothing was measured in this time.',
    away: 'This is kept at the worker and cannot be reached at the moment.',
    zoomHelp: 'Ctrl and the wheel, or + and −, zoom.',
    fan: 'Fan {percent}',
    address: 'Address in its networks',
    location: 'Location',
    locationNone: 'not set',
    locationField: 'Where it stands, in your own words',
    locationChange: 'Change',
    total: 'Estimated in all',
    walletNone: 'not set yet',
  },
}
