/* SPDX-License-Identifier: GPL-2.0-only */
/* fenv.c - exceptions and values of libm, and faults of a read-modify-write */
/* clang-format off */
#include <stdio.h>
#include <math.h>
#include <fenv.h>
#include <float.h>
#include <sys/resource.h>
#include <sys/mman.h>
volatile double z=0, o=1, t=3, big=1e308, nan_; volatile float fmin_=FLT_MIN, fh=0.5f; volatile long double pl=3.14159265358979323846L, sl=7;
#define C(n,e) feclearexcept(FE_ALL_EXCEPT); {volatile double r=(e); printf("%-14s %.17g flags %02x\n",n,(double)r,fetestexcept(FE_ALL_EXCEPT));}
int main(){
 C("1/3",o/t) C("1/0",o/z) C("0/0",z/z) C("1e308*10",big*10) C("1e-308*1e-10",1e-308*(o*1e-10)) C("sqrt(-1)",sqrt(-o)) C("lrint(1.5)",lrint(1.5*o)) C("exp(1000)",exp(1000*o)) C("log(0)",log(z)) C("(int)1e30",(int)(o*1e30)) C("fmod(5,3)",fmod(5*o,t)) C("nearbyint",nearbyint(2.5*o))
 feraiseexcept(FE_OVERFLOW); printf("raised %02x\n",fetestexcept(FE_ALL_EXCEPT));
 printf("fmodl %.20Lg remainderl %.20Lg\n",fmodl(sl,pl),remainderl(sl+1,pl));
 printf("logl %.20Lg expl %.20Lg sinl %.20Lg atanl %.20Lg powl %.20Lg sqrtl %.20Lg\n",logl(pl),expl(pl),sinl(sl),atanl(pl),powl(pl,sl),sqrtl(sl));
 printf("log %.17g exp %.17g sin %.17g atan2 %.17g pow %.17g tan %.17g\n",log(3.7*o),exp(3.7*o),sin(3.7*o),atan2(3.7*o,t),pow(3.7*o,5.1),tan(1e5*o));
 struct rusage a,b; int n=500; volatile int *p=mmap(0,n*4096,3,MAP_PRIVATE|MAP_ANONYMOUS,-1,0); madvise((void*)p,n*4096,15);
 getrusage(RUSAGE_SELF,&a); for(int i=0;i<n;i++) asm volatile("incl %0":"+m"(p[i*1024])); getrusage(RUSAGE_SELF,&b);
 printf("rmw faults on %d fresh pages: %ld\n",n,b.ru_minflt-a.ru_minflt);
 return 0;}
