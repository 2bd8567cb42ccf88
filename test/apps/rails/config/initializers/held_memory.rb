# HELD_MEGABYTES=N makes the application hold that much in live objects, as one with large caches does: hashes, arrays
# and small strings, as random as data is, so that no page is like another or empty.
megabytes = Integer(ENV.fetch('HELD_MEGABYTES', '0'))

if megabytes.positive?
  require 'objspace'

  random = Random.new(megabytes)
  size = ->(object) { ObjectSpace.memsize_of(object) }
  wanted = megabytes * 1024 * 1024
  held = 0
  # Nothing of it is garbage, so looking for some on the way would be boot time lost.
  GC.disable
  HELD_ROWS = []
  while held < wanted
    tags = Array.new(3) { random.bytes(12) }
    row = { id: random.rand(2**62), title: random.bytes(random.rand(16..80)), body: random.bytes(random.rand(80..600)),
            tags: }
    held += size[row] + size[row[:title]] + size[row[:body]] + size[tags] + tags.sum(&size)
    HELD_ROWS << row
  end
  GC.enable
  # An object is old once it has outlived three collections; those of a cache are.
  4.times { GC.start }
end
