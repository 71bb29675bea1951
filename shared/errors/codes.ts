/**
 * Every error a user can meet has a stable code here and its words in `shared/words`.
 * `fault` says whose it is, so that a page can answer "is this mine, or theirs?":
 * scene = the job's creator can mend it, node = this computer, user = what was just typed or chosen,
 * network = the line or the server being away, ours = a defect of Pictor Worker.
 * `retry` says whether the same request may succeed later without anybody changing anything.
 */
export type Fault = 'scene' | 'node' | 'user' | 'network' | 'ours'
export interface ErrorTraits {
  fault: Fault
  retry: boolean
}

const scene: ErrorTraits = { fault: 'scene', retry: false }
const node: ErrorTraits = { fault: 'node', retry: false }
const nodeLater: ErrorTraits = { fault: 'node', retry: true }
const user: ErrorTraits = { fault: 'user', retry: false }
const network: ErrorTraits = { fault: 'network', retry: true }
const ours: ErrorTraits = { fault: 'ours', retry: false }

export const errorCodes = {
  // Frames asked for
  FRAMES_INVALID: user,
  FRAMES_EMPTY: user,
  FRAMES_REVERSED: user,
  FRAMES_TOO_MANY: user,
  FRAMES_OUT_OF_RANGE: user,
  // Scenes
  SCENE_NOT_FOUND: user,
  SCENE_NOT_BLEND: scene,
  SCENE_TRUNCATED: scene,
  SCENE_NEWER_THAN_BLENDER: node,
  SCENE_MISSING_FILES: scene,
  SCENE_NO_CAMERA: scene,
  SCENE_NEEDS_DENOISER: node,
  SCENE_ENGINE_UNKNOWN: scene,
  SCENE_UNREADABLE: scene,
  SCENE_VIEWS_UNSUPPORTED: scene,
  SCENE_LIBRARY_ABSOLUTE: scene,
  SCENE_DEARER_THAN_PRICED: scene,
  // What a scene does that no scene should: it was ended
  SCENE_STARTS_PROCESSES: scene,
  SCENE_FILLS_DISK: scene,
  SCENE_PRINTS_TOO_MUCH: scene,
  // Warnings about a scene: it renders, but perhaps not as its maker meant
  SCENE_OUTPUT_CHANGED: scene,
  SCENE_SCRIPTS_OFF: scene,
  // Rendering
  BLENDER_NOT_FOUND: node,
  BLENDER_CRASHED: nodeLater,
  BLENDER_FAILED: scene,
  BLENDER_TIMED_OUT: nodeLater,
  BLENDER_NO_IMAGE: scene,
  BLENDER_SCRIPT_ERROR: ours,
  DEVICE_NOT_FOUND: node,
  DEVICE_FELL_BACK: node,
  DEVICE_LOST: nodeLater,
  GPU_OUT_OF_MEMORY: node,
  GPU_KERNEL_FAILED: node,
  GPU_TIMED_OUT: nodeLater,
  OUT_OF_MEMORY: node,
  RAM_LIMIT: node,
  VRAM_LIMIT: node,
  DISK_LIMIT: node,
  DISPLAY_MISSING: node,
  OUTPUT_UNWRITABLE: node,
  RENDER_CANCELLED: node,
  // Pictures
  FRAME_MISSING: node,
  FRAME_NOT_AN_IMAGE: node,
  FRAME_TRUNCATED: node,
  FRAME_WRONG_SIZE: node,
  FRAME_WRONG_FORMAT: node,
  FRAME_WRONG_HASH: node,
  FRAME_TOO_LARGE: node,
  FRAME_SUPERSEDED: network,
  FRAME_NOT_IN_TASK: ours,
  // Upscaling
  IMAGE_NOT_SUPPORTED: scene,
  IMAGE_TRUNCATED: scene,
  IMAGE_TOO_LARGE: scene,
  IMAGE_SIZE_DIFFERS: scene,
  IMAGES_TOO_MANY: user,
  UPSCALER_MISSING: node,
  UPSCALER_FAILED: nodeLater,
  UPSCALER_TIMED_OUT: nodeLater,
  UPSCALER_FELL_BACK: node,
  // Storage
  STORE_CORRUPT: node,
  SECRETS_LOCKED: user,
  /** Who this node is, or its key, cannot be read any more: {path, reason, world}. */
  IDENTITY_DAMAGED: user,
  DATA_FOLDER_IN_USE: user,
  DATA_FOLDER_READ_ONLY: user,
  DISK_FULL: nodeLater,
  // Getting in
  SIGN_IN_NEEDED: user,
  NOT_SIGNED_IN: user,
  NOT_ALLOWED: user,
  WRONG_PASSWORD: user,
  TOO_MANY_ATTEMPTS: { fault: 'user', retry: true },
  LINK_USED_OR_EXPIRED: user,
  ACCOUNT_EXISTS: user,
  PASSWORD_TOO_WEAK: user,
  CONFIG_MALFORMED: user,
  CONFIG_EXPIRED: user,
  CONFIG_OTHER_SERVER: user,
  ENROLMENT_REFUSED: user,
  NODE_REVOKED: node,
  NODE_CLONED: node,
  NODE_UNKNOWN: node,
  CLOCK_WRONG: node,
  TLS_REQUIRED: user,
  PAGE_NOT_ENCRYPTED: user,
  BROWSER_STORAGE_FAILED: user,
  // Sync
  PROTOCOL_TOO_OLD: node,
  PROTOCOL_TOO_NEW: network,
  EPOCH_CHANGED: network,
  COLLECTION_UNKNOWN: ours,
  DOCUMENT_INVALID: ours,
  DOCUMENT_TOO_LARGE: ours,
  DOCUMENT_FORBIDDEN: ours,
  DOCUMENT_ARCHIVED: user,
  BATCH_TOO_LARGE: ours,
  // Tasks
  JOB_INVALID: user,
  JOB_NOT_FOUND: user,
  JOB_NOT_FROM_HERE: user,
  SCENE_FILE_REFUSED: user,
  TASK_NOT_FOUND: ours,
  LEASE_LOST: network,
  NODE_BLOCKED: node,
  JOB_AVOIDED: node,
  NO_WORK: network,
  // Files
  FILE_NOT_FOUND: network,
  FILE_ELSEWHERE: network,
  FILE_STORE_UNREACHABLE: network,
  FILES_PLACE_INVALID: user,
  FILE_HASH_MISMATCH: network,
  FILE_TOO_LARGE: user,
  UPLOAD_FAILED: network,
  UPLOAD_ELSEWHERE: network,
  DOWNLOAD_FAILED: network,
  // Servers and processes
  PORT_IN_USE: user,
  NOT_RUNNING: user,
  SERVER_UNREACHABLE: network,
  SERVER_STORE_UNREACHABLE: network,
  /** Files of the embedded store are damaged: {path, reason, folder}. Nothing was opened or changed. */
  SERVER_STORE_DAMAGED: user,
  STORE_NOT_COUCHDB: user,
  REQUEST_INVALID: user,
  NOT_FOUND: user,
  TIMED_OUT: network,
  PROCESS_FAILED: ours,
  BUSY: { fault: 'network', retry: true },
  BACKUP_INVALID: user,
  SERVER_NOT_EMPTY: user,
  // Payouts, for a server's operator
  PAYOUT_CLOSED: user,
  PAYOUT_OPEN: user,
  EARNING_CLOSED: user,
  CANCELLED: user,
  // Updates of the app, and the releases they come from
  UPDATE_FEED_UNREACHABLE: network,
  UPDATE_MALFORMED: ours,
  UPDATE_SIGNATURE_WRONG: ours,
  UPDATE_DAMAGED: network,
  UPDATE_WRONG_CHANNEL: ours,
  UPDATE_WITHDRAWN: ours,
  UPDATE_INSTALL_FAILED: node,
  UPDATE_ROLLED_BACK: ours,
  // Services
  SERVICE_FAILED: node,
  RELEASE_INVALID: user,
  UNEXPECTED: ours,
} as const satisfies Record<string, ErrorTraits>

export type ErrorCode = keyof typeof errorCodes
