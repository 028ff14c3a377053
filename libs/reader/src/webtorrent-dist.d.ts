/** WebTorrent as one file for browsers, with what Node has and they lack built in. */
declare module 'webtorrent/dist/webtorrent.min.js' {
  import WebTorrent from 'webtorrent'

  export default WebTorrent
}
