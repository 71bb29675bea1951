const commands: Partial<Record<NodeJS.Platform, string>> = {
  win32: 'winget install BlenderFoundation.Blender',
  darwin: 'brew install --cask blender',
}

/** The command that installs Blender here, for a person to copy. */
export const blenderHowTo = (platform: NodeJS.Platform = process.platform): string => commands[platform] ?? 'sudo apt install blender'
