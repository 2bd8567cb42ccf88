// Blocks, and what must be in them: zeros when they are fresh, and afterwards what they were filled with.

package main

import "fmt"

const page = 4096

// What is held and must not change: bytes, which the collector never reads, and pointers, which it follows.
type block struct {
	bytes    []byte
	pointers []*uint64
	fill     byte
}

func byteOf(fill byte, at int) byte {
	return (fill + byte(at/page) + byte(at%251)) | 1
}

func fillWith(bytes []byte, fill byte) {
	for at := range bytes {
		bytes[at] = byteOf(fill, at)
	}
}

func checkFilled(bytes []byte, fill byte, what string) error {
	for at, is := range bytes {
		if is != byteOf(fill, at) {
			return fmt.Errorf("byte %d of %d of %s is %d, not %d", at, len(bytes), what, is, byteOf(fill, at))
		}
	}
	return nil
}

func countNonzero(bytes []byte) int {
	count := 0
	for _, is := range bytes {
		if is != 0 {
			count++
		}
	}
	return count
}

// Half of it pointers, each to a number of its own; all of it must be zero when it is fresh.
func newBlock(size int, fill byte) (*block, error) {
	fresh := &block{bytes: make([]byte, size/2), pointers: make([]*uint64, size/16), fill: fill}
	if nonzero := countNonzero(fresh.bytes); nonzero > 0 {
		return nil, fmt.Errorf("%d bytes of fresh memory are not zero", nonzero)
	}
	for at, pointer := range fresh.pointers {
		if pointer != nil {
			return nil, fmt.Errorf("pointer %d of %d of fresh memory is not nil", at, len(fresh.pointers))
		}
		number := new(uint64)
		if *number != 0 {
			return nil, fmt.Errorf("a fresh number is %d", *number)
		}
		*number = uint64(at) + uint64(fill)
		fresh.pointers[at] = number
	}
	fillWith(fresh.bytes, fill)
	return fresh, nil
}

func (b *block) check() error {
	if b == nil {
		return nil
	}
	for at, pointer := range b.pointers {
		if *pointer != uint64(at)+uint64(b.fill) {
			return fmt.Errorf("number %d of a block is %d", at, *pointer)
		}
	}
	return checkFilled(b.bytes, b.fill, "a block")
}
