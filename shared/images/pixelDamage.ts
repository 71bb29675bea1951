/** Thrown inside the decoders of this folder when pixels cannot be read; never leaves `verifyImage`. */
export class PixelDamage extends Error {
  override readonly name = 'PixelDamage'
}

/** Thrown when a picture is sound as far as can be told, but of a kind we do not read (deep or mip-mapped EXR). */
export class UnknownPicture extends Error {
  override readonly name = 'UnknownPicture'
}
