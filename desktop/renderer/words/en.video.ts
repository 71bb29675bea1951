/** The English words about an animation as a film. */
export const enVideo = {
  video: {
    show: 'Play as a film',
    hide: 'Hide the film',
    play: 'Play',
    pause: 'Pause',
    loop: 'Play again and again',
    place: 'Place in the film',
    speed: 'Speed',
    fps: 'Frames per second',
    perSecond: '{n} fps',
    save: 'Save as video',
    saveHelp: 'Made in this browser from the accepted frames. It takes about as long as the film.',
    saving: '{done} of {total}',
    cannot: 'This browser cannot write videos. Download all frames instead, or use Chrome, Edge or Firefox.',
    failed: 'The video could not be made: no picture could be read. Try again when the server answers.',
    missing: '{n} picture could not be read and is not in the video. | {n} pictures could not be read and are not in the video.',
  },
}
