package dev.selvage.containers;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Optional;

/**
 * The program of a pod's sandbox: it waits for ever. Assembled here, byte by byte, so that no binary is kept in the source, none
 * must be fetched, and a sandbox needs 4 KiB. As process 1 it takes no signal but KILL, and it never has children to reap.
 */
final class PauseProgram {
    private static final int HEADER = 64;
    private static final int SEGMENT = 56;
    private static final long ADDRESS = 0x400000;

    /**
     * @param machine e_machine of ELF
     * @param code little-endian instructions
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Machine(int machine, int... code) {}

    private static final Map<String, Machine> MACHINES = Map.of(
            "amd64",
            new Machine(
                    62,
                    0x000022b8, // mov $34, %eax: pause(2) …
                    0xeb050f00, // … syscall
                    0x909090f7), // jmp to the beginning
            "arm64",
            new Machine(
                    183,
                    0xd2800000, // mov x0, #0
                    0xd2800001, // mov x1, #0
                    0xd2800002, // mov x2, #0
                    0xd2800003, // mov x3, #0
                    0xd2800928, // mov x8, #73: ppoll(0, 0, 0, 0) waits without end
                    0xd4000001, // svc #0
                    0x17fffffa)); // b to the beginning

    private PauseProgram() {}

    /** An ELF executable of one segment (System V ABI); empty for a machine that it is not written for. */
    static Optional<byte[]> forArchitecture(String architecture) {
        return Optional.ofNullable(MACHINES.get(architecture)).map(PauseProgram::elf);
    }

    private static byte[] elf(Machine machine) {
        int size = HEADER + SEGMENT + machine.code().length * 4;
        ByteBuffer elf = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        elf.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0}).putLong(0);
        elf.putShort((short) 2).putShort((short) machine.machine()).putInt(1); // ET_EXEC, EV_CURRENT
        elf.putLong(ADDRESS + HEADER + SEGMENT).putLong(HEADER).putLong(0); // entry, program headers, no sections
        elf.putInt(0).putShort((short) HEADER).putShort((short) SEGMENT).putShort((short) 1);
        elf.putShort((short) 0).putShort((short) 0).putShort((short) 0);
        elf.putInt(1).putInt(5).putLong(0).putLong(ADDRESS).putLong(ADDRESS); // PT_LOAD, read and execute
        elf.putLong(size).putLong(size).putLong(0x1000);
        for (int word : machine.code()) {
            elf.putInt(word);
        }
        return elf.array();
    }
}
