/* SPDX-License-Identifier: GPL-2.0-only */
/* tour.js - the steps of the tour: what a button says, what it types, what to look at then */
"use strict";

const worker = "kernel=/boot/kernel-xen.elf ramdisk=/boot/guest.cpio extra=init=/bin/cint";

const tourSteps = [
  { title: "Who is here?", command: "xl list",
    about: "One domain so far: Domain 0, in which this shell runs. r: it has the processor now." },
  { title: "Make a second domain", command: `xl create name=one memory=8 ${worker}; sleep 1; xl list`,
    about: "It has 8 MB of its own, a kernel in ring 1 and a compute program in ring 3. Its time grows." },
  { title: "Pause it", command: "xl pause one; xl list one; sleep 2; xl list one; xl unpause one",
    about: "Paused (p), it gets no time: the two lines lie two seconds apart. Its memory stays as it is." },
  { title: "Who has the processor?", command: "xl top -b -d 2 -i 2",
    about: "The second table has the shares of the two seconds between them." },
  { title: "Four domains; one weighs more",
    command: `xl destroy all; xl create -p -n 4 name=box memory=8 ${worker} && xl sched-bvt -d box-1 -w 40 && ` +
      "xl unpause all; sleep 3; xl top -b -d 3 -i 2 | tail -n 6",
    about: "Weights are 40, 10, 10 and 10: box-1 has four times as much time as each of the others." },
  { title: "Attack the hypervisor",
    command: "xl destroy all; xl dmesg -c >/dev/null; xl create -F name=intruder memory=8 " +
      "kernel=/boot/attack-map-hypervisor.elf; xl dmesg",
    about: "A kernel asks for mappings of what is not its own: frames of the hypervisor and of other domains. PASS: " +
      "each call was refused with an error code and changed nothing. Nobody else noticed." },
  { title: "The machine and the hypervisor", command: "xl info",
    about: "One processor, as v86 has it, and the interface: that of Xen, for 32-bit kernels." },
  { title: "Switch off", command: "poweroff",
    about: "Domain 0 asks the hypervisor to end the machine." },
];
