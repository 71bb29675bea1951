// The first file of the app that `npm run dist -- --for-tests` packs: the recorder before the app. Not in the app that ships.
import './electronRecorder.cjs'
import '../../out/main/main.js'
