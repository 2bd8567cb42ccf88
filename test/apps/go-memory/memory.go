// All that the program holds, and what it has the runtime and the kernel do with it.

package main

import (
	"errors"
	"fmt"
	"math/rand"
	"runtime/debug"
	"syscall"
	"unsafe"
)

const (
	blocks     = 96
	bootRounds = 60
	rounds     = 300
	heldSize   = 4 << 20
)

type memory struct {
	blocks [blocks]*block
	random *rand.Rand
	// Held from the boot on; what is spare until it is let go of; and what the program asked the kernel for by itself.
	held, spare, own []byte
}

func newMemory() (*memory, error) {
	const protection, flags = syscall.PROT_READ | syscall.PROT_WRITE, syscall.MAP_PRIVATE | syscall.MAP_ANON
	own, err := syscall.Mmap(-1, 0, heldSize, protection, flags)
	if err != nil {
		return nil, err
	}
	m := &memory{
		random: rand.New(rand.NewSource(1)),
		held:   make([]byte, heldSize),
		spare:  make([]byte, heldSize),
		own:    own,
	}
	for _, bytes := range [][]byte{m.held, m.spare, m.own} {
		fillWith(bytes, 7)
	}
	return m, m.play(bootRounds)
}

// From a few bytes to some hundred pages.
func (m *memory) drawSize() int {
	return 16 + m.random.Intn(1<<(6+m.random.Intn(15)))
}

// Blocks come and go; every now and then all that is free goes back to the kernel, as the scavenger does at leisure.
func (m *memory) play(rounds int) error {
	for round := range rounds {
		for range 16 {
			at := m.random.Intn(blocks)
			if old := m.blocks[at]; old != nil {
				m.blocks[at] = nil
				if err := old.check(); err != nil {
					return err
				}
			} else {
				fresh, err := newBlock(m.drawSize(), byte(1+m.random.Intn(255)))
				if err != nil {
					return err
				}
				m.blocks[at] = fresh
			}
		}
		if err := onFreshStack(byte(round)); err != nil {
			return err
		}
		if round%8 == 0 {
			debug.FreeOSMemory()
			if err := m.check(); err != nil {
				return err
			}
		}
	}
	return m.check()
}

func (m *memory) check() error {
	wrong := []error{checkFilled(m.held, 7, "what is held"), checkFilled(m.own, 7, "what was mapped")}
	for _, block := range m.blocks {
		wrong = append(wrong, block.check())
	}
	return errors.Join(wrong...)
}

// A stack begins small, and is copied to where it fits each time it has grown.
func onFreshStack(fill byte) error {
	done := make(chan error)
	go func() { done <- deeper(256, fill) }()
	return <-done
}

func deeper(depth int, fill byte) error {
	var here [512]byte
	if nonzero := countNonzero(here[:]); nonzero > 0 {
		return fmt.Errorf("%d bytes of a fresh variable are not zero", nonzero)
	}
	fillWith(here[:], fill)
	if depth > 0 {
		if err := deeper(depth-1, fill+1); err != nil {
			return err
		}
	}
	return checkFilled(here[:], fill, "a variable")
}

func (m *memory) look() (string, error) {
	return "whole", m.check()
}

func (m *memory) playRounds() (string, error) {
	return "whole", m.play(rounds)
}

// Everything is let go of, given back to the kernel, and asked for again.
func (m *memory) askForZeros() (string, error) {
	if err := m.check(); err != nil {
		return "", err
	}
	m.blocks, m.spare = [blocks]*block{}, nil
	debug.FreeOSMemory()
	nonzero := 0
	for _, size := range []int{60000, 1 << 20} {
		fresh := make([][]byte, 64)
		for at := range fresh {
			fresh[at] = make([]byte, size)
			nonzero += countNonzero(fresh[at])
			fillWith(fresh[at], 9)
		}
	}
	return fmt.Sprintf("nonzero=%d", nonzero), nil
}

// What stands in memory that was given back, before the runtime takes it into use again.
func (m *memory) seeReleased() (string, error) {
	if m.spare == nil {
		return "", errors.New("there is nothing left to give back")
	}
	at := uintptr(unsafe.Pointer(&m.spare[0]))
	m.spare = nil
	debug.FreeOSMemory()
	// A number until now, so that the collector could not see it.
	released := unsafe.Slice(*(**byte)(unsafe.Pointer(&at)), heldSize)
	return fmt.Sprintf("nonzero=%d", countNonzero(released)), nil
}

// What no runtime knows of: the program discards memory that it has mapped itself.
func (m *memory) discard() (string, error) {
	if err := syscall.Madvise(m.own, syscall.MADV_DONTNEED); err != nil {
		return "", err
	}
	nonzero := countNonzero(m.own)
	fillWith(m.own, 7)
	return fmt.Sprintf("nonzero=%d", nonzero), nil
}
