/** The English words about workers without a screen: how they are set up and kept up to date. */
export const enHeadless = {
  headless: {
    update: 'Update',
    updateHint: 'Looks for a new version and installs it when the frame in progress is finished.',
    updating: '{n} worker looks for a new version. | {n} workers look for a new version.',
    title: 'Program',
    auto: 'Update by itself',
    channel: 'Versions',
    image: 'It runs in a container: it is replaced with its image.',
    notWritable: 'Its folder belongs to another user, so it cannot replace itself. Install it again with pictor worker install.',
    notPackaged: 'It was not started from a headless package, so it does not update itself.',
    where: 'Where it will run',
    installed: 'Installed',
    package: 'Linux, no install',
    docker: 'Docker',
    service: 'As a service',
    packageHelp: 'Put the headless package there first; it brings everything it needs but Blender.',
    dockerHelp:
      'The image is built from the repository once, see its Docker guide. For NVIDIA cards build the target nvidia and add --gpus all.',
    serviceHelp: 'Starts with the computer, as a user of its own without rights.',
  },
}
